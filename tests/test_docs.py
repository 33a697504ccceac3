"""README, Makefile and docs agree with the code."""

import re

import pytest
from django.conf import settings

from tests.support import run

ROOT = settings.BASE_DIR
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "data" / "README.md"])
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def names_of_settings() -> list[str]:
    source = (ROOT / "rottenpotatoes" / "settings.py").read_text()
    return re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source)


@pytest.mark.parametrize("name", names_of_settings())
def test_every_setting_is_documented(name):
    assert f"| `{name}`" in (ROOT / "docs" / "operations.md").read_text()
    assert re.search(rf"^#?{name}=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def test_make_help_lists_every_target():
    makefiles = "".join((ROOT / name).read_text() for name in ("Makefile", "ci.mk", "ops.mk"))
    targets = re.findall(r"^\.PHONY: (\S+)", makefiles, re.MULTILINE)
    shown = run("make", "help", cwd=ROOT)
    assert re.findall(r"^  make (\S+)", shown.stdout, re.MULTILINE) == targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_link_of_a_document_has_a_target(document):
    missing = [
        link for link in LINK.findall(document.read_text()) if not (document.parent / link).exists()
    ]
    assert missing == []
