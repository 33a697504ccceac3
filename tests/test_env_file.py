import pytest

from scripts.dev import env_file


@pytest.fixture
def complete(monkeypatch):
    for name in ("DEBUG", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    return env_file.complete


def secret(path) -> str:
    return path.read_text().partition("SECRET_KEY=")[2].strip()


def test_every_checkout_gets_a_secret_of_its_own(complete, tmp_path):
    complete(tmp_path / "one")
    complete(tmp_path / "two")
    assert secret(tmp_path / "one") != secret(tmp_path / "two")


def test_the_secret_is_for_its_owner_alone(complete, tmp_path):
    complete(tmp_path / ".env")
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0


def test_the_second_call_changes_nothing(complete, tmp_path):
    complete(tmp_path / ".env")
    before = (tmp_path / ".env").read_text()
    complete(tmp_path / ".env")
    assert (tmp_path / ".env").read_text() == before


def test_existing_lines_of_the_env_file_stay(complete, tmp_path):
    (tmp_path / ".env").write_text("# mine\nDEBUG=false\n")
    complete(tmp_path / ".env")
    assert (tmp_path / ".env").read_text().startswith("# mine\nDEBUG=false\nSECRET_KEY=")
