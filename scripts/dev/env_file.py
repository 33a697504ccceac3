"""Add a random SECRET_KEY and DEBUG=true to a developer's .env; keep existing values."""

import os
import secrets
from pathlib import Path

ENV_FILE = Path(__file__).resolve().parents[2] / ".env"


def missing_lines(existing: set[str]) -> list[str]:
    lines = []
    if "DEBUG" not in existing:
        lines.append("DEBUG=true")
    if not existing & {"SECRET_KEY", "SECRET_KEY_FILE"}:
        lines.append(f"SECRET_KEY={secrets.token_urlsafe(50)}")
    return lines


def complete(path: Path = ENV_FILE) -> None:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    existing = {line.removeprefix("export ").split("=")[0].strip() for line in lines}
    missing = missing_lines(existing | set(os.environ))
    if missing:
        path.touch(mode=0o600)
        start = lines or ["# For this machine only. .env.example lists every setting."]
        path.write_text("\n".join([*start, *missing]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    complete()
