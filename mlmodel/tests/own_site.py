"""A site of its own, in processes of its own, for tests that kill or serve."""

import os
import sys
from pathlib import Path

from django.conf import settings

from tests.support import run


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
    command = (sys.executable, "manage.py", *arguments)
    return run(*command, cwd=settings.BASE_DIR, env=environment).stdout
