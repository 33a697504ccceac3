"""The German translation is complete: `make messages` adds new messages to the .po file."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = settings.BASE_DIR
APPS = (
    *("common", "observability", "movies", "mlmodel", "reviews"),
    *("accounts", "seo", "status", "rottenpotatoes"),
)
PO = ROOT / "locale" / "de" / "LC_MESSAGES" / "django.po"
FUNCTIONS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
WITH_CONTEXT = {"pgettext", "pgettext_lazy"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
ENTRIES = polib.pofile(str(PO))


def messages_of(source: str) -> Iterator[tuple[str | None, str]]:
    """Yield the context and the text of each literal message in Python code."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        texts = [getattr(argument, "value", None) for argument in node.args[:2]]
        if name in FUNCTIONS and isinstance(texts[0], str):
            yield None, texts[0]
        elif name in WITH_CONTEXT:
            yield texts[0], texts[1]


def messages_of_template(source: str) -> Iterator[tuple[str | None, str]]:
    """Yield the messages of a template, which Django turns into calls for xgettext."""
    for call in re.findall(
        r"\bn?gettext\((u?(?:'''.*?'''|'.*?(?<!\\)'|\".*?(?<!\\)\"))", templatize(source), re.DOTALL
    ):
        yield None, ast.literal_eval(call)


def python_files() -> Iterator[Path]:
    for app in APPS:
        yield from (f for f in (ROOT / app).rglob("*.py") if "tests" not in f.parts)


def test_every_message_of_the_code_is_in_the_german_file():
    known = {(entry.msgctxt, entry.msgid) for entry in ENTRIES}
    used = {m for file in python_files() for m in messages_of(file.read_text())}
    for template in (ROOT / "templates").rglob("*.*"):
        used |= set(messages_of_template(template.read_text()))
    assert len(used) > 400
    assert used <= known, used - known


def test_every_message_is_translated():
    assert [e.msgid for e in ENTRIES if not e.translated() or e.fuzzy] == []


@pytest.mark.parametrize("what", [PLACEHOLDER, re.compile(r"</?\w+")], ids=["values", "markup"])
def test_a_translation_keeps_values_and_markup(what):
    for entry in ENTRIES:
        original = set(what.findall(entry.msgid + entry.msgid_plural))
        for text in [entry.msgstr] if not entry.msgid_plural else entry.msgstr_plural.values():
            assert set(what.findall(text)) <= original, entry.msgid
            assert entry.msgid_plural or set(what.findall(text)) == original, entry.msgid


def test_the_compiled_file_matches_the_translations():
    compiled = polib.mofile(str(PO.with_suffix(".mo")))
    assert {(e.msgctxt, e.msgid, e.msgstr, *e.msgstr_plural.values()) for e in compiled} == {
        (e.msgctxt, e.msgid, e.msgstr, *e.msgstr_plural.values()) for e in ENTRIES
    }


def test_a_page_is_german_if_the_browser_asks_for_german(client, db):
    html = client.get("/", headers={"accept-language": "de"}).content.decode()
    assert '<html lang="de">' in html
    assert "Sag es in Worten." in html


def test_the_brand_is_not_translated(client, db):
    html = client.get("/", headers={"accept-language": "de"}).content.decode()
    assert "Rotten <b>Potatoes</b>" in html
    assert "<title>Rotten Potatoes</title>" in html
