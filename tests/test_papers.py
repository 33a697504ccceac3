"""What README, Makefile and docs promise is there."""

import re
import subprocess

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
PAPERS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "data" / "README.md"])
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def names_of_settings() -> list[str]:
    source = (ROOT / "rottenpotatoes" / "settings.py").read_text()
    return re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source)


@pytest.mark.parametrize("name", names_of_settings())
def test_every_setting_is_explained_and_shown(name):
    assert f"| `{name}`" in (ROOT / "docs" / "operations.md").read_text()
    assert re.search(rf"^#?{name}=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def test_help_lists_every_target():
    makefiles = "".join((ROOT / name).read_text() for name in ("Makefile", "pipeline.mk"))
    targets = re.findall(r"^\.PHONY: (\S+)", makefiles, re.MULTILINE)
    shown = subprocess.run(["make", "help"], cwd=ROOT, text=True, check=True, capture_output=True)
    assert re.findall(r"^  make (\S+)", shown.stdout, re.MULTILINE) == targets


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_what_a_paper_links_to_is_there(paper):
    missing = [
        link for link in LINK.findall(paper.read_text()) if not (paper.parent / link).exists()
    ]
    assert missing == []
