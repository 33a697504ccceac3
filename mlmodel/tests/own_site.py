"""A site of its own, in processes of its own, for tests that kill or serve."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings


def site_with_champion(folder: Path, model: Path) -> dict[str, str]:
    """The environment of a new site whose champion is the model that came with the code."""
    environment = {name: value for name, value in os.environ.items() if "DJANGO" not in name}
    environment |= {
        "DOTENV": os.devnull,
        "DEBUG": "true",
        "VAR_DIR": str(folder),
        "MODEL_STORE": str(folder / "models"),
        "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
        "PREDICT_RATE": "1000000/min",
        "MLFLOW_TRACKING_URI": "http://127.0.0.1:9",
        "PRETRAINED_MODEL": str(model),
    }
    manage(environment, "migrate", "--verbosity=0")
    manage(environment, "promote", "pretrained")
    return environment


def manage(environment: dict[str, str], *arguments: str) -> str:
    done = call(environment, "manage.py", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def call(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True
    )
