import os
import shutil
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from common.environment import Variables
from tests.support import run


@pytest.fixture
def copied_settings(tmp_path):
    for file in (
        *("common/__init__", "common/environment", "common/sqlite_files"),
        *("rottenpotatoes/__init__", "rottenpotatoes/settings"),
    ):
        copy = tmp_path / f"{file}.py"
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(settings.BASE_DIR / f"{file}.py", copy)
    return tmp_path


def setting(folder: Path, name: str, **variables: str) -> str:
    code = f"from rottenpotatoes import settings; print(settings.{name})"
    clean = {k: v for k, v in os.environ.items() if k not in ("DEBUG", "SECRET_KEY", "DOTENV")}
    return run(sys.executable, "-c", code, cwd=folder, env=clean | variables).stdout.strip()


def test_a_variable_beats_the_env_file(copied_settings):
    (copied_settings / ".env").write_text("SECRET_KEY=from-the-file\n")
    assert setting(copied_settings, "SECRET_KEY", SECRET_KEY="given") == "given"


def test_a_secret_may_stand_in_a_file_that_the_env_file_names(copied_settings):
    (copied_settings / "key").write_text("from-the-vault\n")
    (copied_settings / ".env").write_text(f"SECRET_KEY_FILE={copied_settings / 'key'}\n")
    assert setting(copied_settings, "SECRET_KEY") == "from-the-vault"


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("SECRET_KEY", "from-the-vault\n", "from-the-vault"),
        ("LOGSTASH_URL", "tcp://logs:5000\r\n", "tcp://logs:5000"),
        ("NUM_PROXIES", "2\n", "2"),
        ("GUEST_REVIEWS", "false\n", "False"),
        ("ALLOWED_HOSTS", "a.example,b.example\n", "['a.example', 'b.example']"),
    ],
)
def test_every_setting_can_be_read_from_a_file(copied_settings, name, written, value):
    (copied_settings / "value").write_text(written)
    variables = {"DEBUG": "true", f"{name}_FILE": str(copied_settings / "value"), name: "beaten"}
    assert setting(copied_settings, name, **variables) == value


@pytest.mark.parametrize(("make", "reason"), [("", "No such file"), ("mkdir", "Is a directory")])
def test_a_setting_file_that_cannot_be_read_is_named_with_the_reason(tmp_path, make, reason):
    if make:
        (tmp_path / "key").mkdir()
    variables = Variables({"SECRET_KEY_FILE": str(tmp_path / "key")})
    with pytest.raises(ImproperlyConfigured, match=rf"SECRET_KEY_FILE=.* cannot be read: {reason}"):
        variables["SECRET_KEY"]


@pytest.mark.parametrize("probability", ["0.5", "1", "75"])
def test_a_verdict_cannot_be_decided_by_less_than_a_half_or_by_certainty(
    copied_settings, probability
):
    code = "from rottenpotatoes import settings"
    env = os.environ | {"DEBUG": "true", "VERDICT_DECIDED": probability}
    done = run(sys.executable, "-c", code, cwd=copied_settings, env=env, check=False)
    assert "VERDICT_DECIDED is" in done.stderr


def test_file_variables_of_other_programs_are_ignored():
    assert Variables({"SSL_CERT_FILE": "/no/such/file", "DEBUG": "true"})["DEBUG"] == "true"


def test_an_empty_file_variable_is_ignored():
    assert Variables({"SECRET_KEY_FILE": "", "SECRET_KEY": "given"})["SECRET_KEY"] == "given"
