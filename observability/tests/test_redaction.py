"""Log messages contain no addresses, and long ones do not take longer to redact."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability import redaction
from observability.redaction import MAX_CHARS, READ_CHARS, redact

addresses = st.one_of(
    st.emails(),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
    st.ip_addresses(v=6).map(lambda address: address.exploded),
)
# Also texts near the cut, and texts that other patterns match.
around = st.one_of(
    st.text(),
    st.text(alphabet="0af:.@?= -", max_size=20),
    st.sampled_from(["DETAIL:", "token=", "a://b:", "from ip", "client:", "pwd"]),
    st.integers(MAX_CHARS - 60, READ_CHARS).map(lambda n: "x" * n + " "),
    st.integers(MAX_CHARS - 60, READ_CHARS).map(lambda n: "pwd=" + "x" * n + " "),
)


@given(before=around, address=addresses, after=around)
def test_address_is_hidden_whatever_is_around_it(before, address, after):
    assert address not in redact(before + address + after)


@pytest.mark.parametrize("address", ["fd00::5", "::1", "fe80::1", "2001:db8::8a2e:370:7334"])
@pytest.mark.parametrize("line", ["{}", "connect to {}: refused", "[{}]:5432", "client:{}", "x{}y"])
def test_short_ipv6_address_is_hidden(line, address):
    assert address not in redact(line.format(address))


@pytest.mark.parametrize("line", ["at 12:30:45: 3 of 4 read", "2031-05-06T12:30:45Z", "v1.2.3"])
def test_time_and_version_are_not_hidden(line):
    assert redact(line) == line


class RecordingPattern:
    """Records the length of its input."""

    def __init__(self, pattern, lengths):
        self.pattern, self.lengths = pattern, lengths

    def sub(self, replacement, text):
        self.lengths.append(len(text))
        return self.pattern.sub(replacement, text)


@pytest.mark.parametrize("sent", ["a", "a.", "a@", "a://", "1.", "f:", "pass ", "secret"])
def test_patterns_read_only_the_beginning_of_a_long_text(sent, monkeypatch):
    lengths = []
    patterns = [(RecordingPattern(p, lengths), replacement) for p, replacement in redaction._HIDDEN]
    monkeypatch.setattr(redaction, "_HIDDEN", patterns)
    assert len(redact("Invalid HTTP header name: " + sent * 80_000)) <= MAX_CHARS + 1
    assert len(lengths) == len(patterns)
    assert max(lengths) <= 2 * READ_CHARS  # "[hidden]" may be longer than what it replaces


def test_gunicorns_message_about_an_invalid_request_ends_before_the_address():
    line = "Invalid request from ip=203.0.113.7: Invalid HTTP header name: " + "'a'" * 8_000
    assert redact(line) == "Invalid request from [hidden]…"
