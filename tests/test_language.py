"""The words of banned_words.toml do not come back."""

import io
import re
import subprocess
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
RULES = tomllib.loads((ROOT / "tests" / "banned_words.toml").read_text())
BANNED = re.compile(
    r"(?<![A-Za-z])(?:" + "|".join(RULES["words"]) + r")(?![A-Za-z])", re.IGNORECASE
)
KINDS = {".py", ".html", ".md", ".yml", ".yaml", ".j2", ".mk", ".toml", ".sh", ".conf", ".lua", ""}
# Review texts, translations, third-party files and the rules themselves.
SKIPPED = ("locale/", "static/", "mlmodel/pretrained/", "docs/model-card.md")
SKIPPED_FILES = {"tests/banned_words.toml", "tests/test_language.py", "LICENSE"}


def project_files() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [
        name
        for name in listed.stdout.splitlines()
        if Path(name).suffix in KINDS
        and not name.startswith(SKIPPED)
        and name not in SKIPPED_FILES
        and not name.endswith("behaviour_cases.toml")
        and "/migrations/" not in name
        and (ROOT / name).is_file()
    ]


def prose(name: str, source: str) -> Iterator[tuple[int, str]]:
    """Yield numbered lines; of tests only names, comments and docstrings, as reviews say film."""
    if not name.endswith(".py") or "tests/" not in name:
        yield from enumerate(source.splitlines(), 1)
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        is_docstring = token.type == tokenize.STRING and token.string.startswith('"""')
        if is_docstring or token.type in (tokenize.NAME, tokenize.COMMENT):
            for offset, line in enumerate(token.string.splitlines()):
                yield token.start[0] + offset, line


def violations(name: str, source: str) -> list[str]:
    allowed = RULES["allowed"].get(name, [])
    return [
        f"{name}:{number}: {match[0]!r} in {line.strip()[:90]!r}"
        for number, line in prose(name, source)
        for match in BANNED.finditer(line.replace("_", " "))
        if match[0].lower() not in allowed
    ]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", sorted({name.split("/")[0] for name in project_files()}))
def test_no_banned_word_comes_back(folder):
    names = [name for name in project_files() if name.split("/")[0] == folder]
    found = [line for name in names for line in violations(name, read(name))]
    assert not found, "\n".join(found)


def test_banned_words_are_found_inside_names():
    assert violations("example.py", "film_row = 1")


def test_longer_words_are_not_banned():
    assert not violations("example.py", "filming = 1")


def test_strings_of_tests_may_contain_banned_words():
    assert not violations("tests/example.py", "text = 'A good film.'")
