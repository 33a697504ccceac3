"""The web process imports neither MLflow nor DVC nor matplotlib."""

import os
import subprocess
import sys

from django.conf import settings


def test_web_process_imports_no_training_library():
    program = (
        "import django, sys; django.setup(); import rottenpotatoes.urls;"
        "print(*sorted({'mlflow', 'dvc', 'matplotlib'} & set(sys.modules)))"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "rottenpotatoes.settings"}
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR,
        env={**environment, "SECRET_KEY": "test"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert loaded.stdout.strip() == ""
