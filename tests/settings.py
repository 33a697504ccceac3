"""The settings under test: those of a laptop, whatever the .env of the person who tests says."""

import os
from pathlib import Path

VAR_DIR = Path(__file__).resolve().parent.parent / "var" / "test"
os.environ |= {
    "DEBUG": "true",
    "SECRET_KEY": "only-for-tests",
    "VAR_DIR": str(VAR_DIR),
    "DOTENV": os.devnull,
    "BURST_REVIEWS": "0",  # tests write faster than people
}

from rottenpotatoes.settings import *  # noqa: E402, F403

# WhiteNoise warns of a folder that is not there.
(VAR_DIR / "static").mkdir(parents=True, exist_ok=True)
