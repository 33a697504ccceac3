"""Settings of the tests: the defaults of a laptop, without the developer's .env."""

import os
from pathlib import Path

VAR_DIR = Path(__file__).resolve().parent.parent / "var" / "test"
os.environ |= {
    "DEBUG": "true",
    "SECRET_KEY": "only-for-tests",
    "VAR_DIR": str(VAR_DIR),
    "DOTENV": os.devnull,
    "BURST_REVIEWS": "0",  # tests post reviews faster than people
}

from rottenpotatoes.settings import *  # noqa: E402, F403

# WhiteNoise warns about a missing folder.
(VAR_DIR / "static").mkdir(parents=True, exist_ok=True)

# A hash that is meant to be slow would take half of the tests' time.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Looks a static file up when it is asked for, instead of all of them for every test's client.
WHITENOISE_AUTOREFRESH = True
