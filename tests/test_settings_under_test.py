"""Tests need no .env file and ignore an existing one."""

import os
import shutil
import sys

from django.conf import settings

from rottenpotatoes.settings import DATABASES, VAR_DIR
from tests.support import run


def test_tests_write_to_a_folder_of_their_own():
    assert settings.BASE_DIR / "var" / "test" == VAR_DIR
    assert DATABASES["default"]["NAME"] != str(settings.BASE_DIR / "var" / "site.sqlite3")


def test_a_developers_env_file_does_not_affect_the_tests(tmp_path):
    for package in ("common", "rottenpotatoes", "tests"):
        (tmp_path / package).mkdir()
        for source in (settings.BASE_DIR / package).glob("*.py"):
            shutil.copy(source, tmp_path / package)
    (tmp_path / ".env").write_text("SECRET_KEY=mine\nGUEST_REVIEWS=false\n")
    code = "from tests import settings as s; print(s.SECRET_KEY, s.GUEST_REVIEWS)"
    mine = ("DEBUG", "SECRET_KEY", "DOTENV", "VAR_DIR", "GUEST_REVIEWS")
    clean = {name: value for name, value in os.environ.items() if name not in mine}
    done = run(sys.executable, "-c", code, cwd=tmp_path, env=clean)
    assert done.stdout.split() == ["only-for-tests", "True"]
