"""Git contains no secret values."""

import math
import re
import subprocess
from collections import Counter

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
KNOWN_SHAPES = {
    "private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "AWS key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
    "Vault token": r"\bhv[sbr]\.[A-Za-z0-9_-]{24,}",
    "JSON web token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.",
    "password in a URL": r"\b(?!https?:)[a-z][a-z+]*://[^\s:/@{}$<>\"']+:([^\s/@{}$<>\"']+)@",
    "a value for a secret's name": (
        r"(?i)\b\w*(?:secret_?key|password|passwd|api_?key|auth_?token)[\"']?\s*[:=]\s*"
        r"[\"']?([A-Za-z0-9+/_=-]{16,})"
    ),
}
# Fourteen letters of readable text have less.
RANDOM_BITS = 3.6
PLACEHOLDERS = {"password", "pw", "secret", "mine", "guest", "x", "wrong", "old", "new"}


def entropy(text: str) -> float:
    counts = Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts)


def findings(text: str) -> list[str]:
    found = []
    for what, pattern in KNOWN_SHAPES.items():
        for match in re.finditer(pattern, text):
            value = match[1] if match.re.groups else ""
            is_random = entropy(value) > RANDOM_BITS and re.search(r"\d", value)
            if not value or (is_random and value not in PLACEHOLDERS):
                found.append(f"{what}: {match[0][:40]}")
    return found


def tracked_texts():
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
    for name in names.stdout.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file() and path.suffix not in (".png", ".npy", ".npz", ".svg"):
            try:
                yield name, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def test_no_tracked_file_contains_a_secret():
    this = str(__file__).removeprefix(f"{ROOT}/")
    found = {name: findings(text) for name, text in tracked_texts() if name != this}
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "text",
    [
        "SECRET_KEY = '8f3kQ9zT1mXw7Lr2Vb6Np0Yc'",
        "DATABASE_PASSWORD: pX7vR2mK9qL4sT8w",
        "postgres://site:k3Jw9Qz7Rt2Lm5Xv@db:5432/site",
        "-----BEGIN RSA PRIVATE KEY-----",
        "token hvs.CAESIJ8s7d6f5g4h3j2k1l0q9w8e7r6",
    ],
)
def test_the_search_finds_secrets(text):
    assert findings(text)


def test_the_search_ignores_names_of_secrets():
    assert findings("DATABASE_PASSWORD_FILE=/run/secrets/rottenpotatoes/database-password") == []
    assert findings("postgres://user:password@localhost:5432/site") == []


@pytest.mark.parametrize("folder", ["k8s/overlays/minikube/secrets", "var/secrets"])
def test_git_ignores_the_folders_of_secrets(folder):
    asked = subprocess.run(["git", "check-ignore", "-q", f"{folder}/secret-key"], cwd=ROOT)
    assert asked.returncode == 0
