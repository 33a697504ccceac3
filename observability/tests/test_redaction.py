"""Nobody's address leaves in a log line, and a long line costs no more than a short one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability import redaction
from observability.redaction import MAX_CHARS, READ_CHARS, scrub

addresses = st.one_of(
    st.emails(),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
    st.ip_addresses(v=6).map(lambda address: address.exploded),
)
# Also what is near the cut, and what other rules look for.
around = st.one_of(
    st.text(),
    st.text(alphabet="0af:.@?= -", max_size=20),
    st.sampled_from(["DETAIL:", "token=", "a://b:", "from ip", "client:", "pwd"]),
    st.integers(MAX_CHARS - 60, READ_CHARS).map(lambda n: "x" * n + " "),
    st.integers(MAX_CHARS - 60, READ_CHARS).map(lambda n: "pwd=" + "x" * n + " "),
)


@given(before=around, address=addresses, after=around)
def test_no_address_survives_whatever_is_around_it(before, address, after):
    assert address not in scrub(before + address + after)


@pytest.mark.parametrize("address", ["fd00::5", "::1", "fe80::1", "2001:db8::8a2e:370:7334"])
@pytest.mark.parametrize("line", ["{}", "connect to {}: refused", "[{}]:5432", "client:{}", "x{}y"])
def test_a_short_ipv6_address_is_hidden(line, address):
    assert address not in scrub(line.format(address))


@pytest.mark.parametrize("line", ["at 12:30:45: 3 of 4 read", "2031-05-06T12:30:45Z", "v1.2.3"])
def test_a_time_and_a_version_are_no_addresses(line):
    assert scrub(line) == line


@pytest.mark.parametrize("n_sent", [1, 6, 12])
def test_the_cut_leaves_no_half_of_an_address(n_sent):
    long = "pwd=" + "x" * (READ_CHARS - n_sent - 5)
    assert scrub(f"{long} 203.0.113.77 or so") == "pwd=[hidden]…"


def test_a_password_with_an_at_sign_is_hidden_whole():
    assert scrub("no postgres://me:hun@ter2@db/x") == "no postgres://[hidden]@db/x"


class Counted:
    """A pattern that notes how much it was given to read."""

    def __init__(self, pattern, read):
        self.pattern, self.read = pattern, read

    def sub(self, instead, text):
        self.read.append(len(text))
        return self.pattern.sub(instead, text)


@pytest.mark.parametrize("sent", ["a", "a.", "a@", "a://", "1.", "f:", "pass ", "secret"])
def test_no_pattern_reads_more_of_a_longer_line(sent, monkeypatch):
    read = []
    counted = [(Counted(pattern, read), instead) for pattern, instead in redaction._HIDDEN]
    monkeypatch.setattr(redaction, "_HIDDEN", counted)
    assert len(scrub("Invalid HTTP header name: " + sent * 80_000)) <= MAX_CHARS + 1
    assert len(read) == len(counted)
    assert max(read) <= 2 * READ_CHARS  # what is hidden may be shorter than its mark


def test_what_gunicorn_says_of_a_request_that_is_none_ends_before_the_address():
    line = "Invalid request from ip=203.0.113.7: Invalid HTTP header name: " + "'a'" * 8_000
    assert scrub(line) == "Invalid request from [hidden]…"
