"""The web process imports neither MLflow nor DVC nor matplotlib."""

import os
import sys

from django.conf import settings

from tests.support import run


def test_web_process_imports_no_training_library():
    program = (
        "import django, sys; django.setup(); import rottenpotatoes.urls;"
        "print(*sorted({'mlflow', 'dvc', 'matplotlib'} & set(sys.modules)))"
    )
    own = {"DJANGO_SETTINGS_MODULE": "rottenpotatoes.settings", "SECRET_KEY": "test"}
    loaded = run(sys.executable, "-c", program, cwd=settings.BASE_DIR, env=os.environ | own)
    assert loaded.stdout.strip() == ""
