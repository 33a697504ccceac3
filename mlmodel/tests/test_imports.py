"""The web process imports neither MLflow nor DVC nor matplotlib."""

import os
import re
import subprocess
import sys

from django.conf import settings

IMPORTS_MLFLOW = re.compile(r"^\s*(import|from) mlflow\b", re.MULTILINE)


def test_only_one_file_imports_mlflow():
    files = [
        path for path in (settings.BASE_DIR / "mlmodel").rglob("*.py") if "tests" not in path.parts
    ]
    found = [path.name for path in files if IMPORTS_MLFLOW.search(path.read_text())]
    assert found == ["mlflow_api.py"]


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
