"""Settings of the browser tests: as in production, without collecting static files."""

import os

os.environ |= {"DEBUG": "false", "SECRET_KEY": "only-for-tests", "DOTENV": os.devnull}

from rottenpotatoes.settings import *  # noqa: F403
from rottenpotatoes.settings import REST_FRAMEWORK, STATIC_ROOT, STORAGES

ROOT_URLCONF = "tests.browser.urls"
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
WHITENOISE_USE_FINDERS = True
# WhiteNoise warns about a missing folder.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# All tests come from one address.
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = dict.fromkeys(
    REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "10000/min"
)
