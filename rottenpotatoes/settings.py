"""Settings. Everything that differs between machines comes from the environment.

The defaults run on a laptop with nothing installed: SQLite, a local MLflow
store, a local DVC remote, logs to the console.
"""

import os
import re
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from common.environment import Environment
from common.sqlite_files import sqlite_url

BASE_DIR = Path(__file__).resolve().parent.parent
# `dvc exp run --temp` and queued experiments run in a copy of the checkout below its .dvc/tmp/exps.
# The copy has neither .env nor var/: they are those of the checkout.
CHECKOUT = Path(str(BASE_DIR).partition("/.dvc/tmp/exps/")[0])
# Before env is created, because it copies the environment. Tests point DOTENV at an empty file.
Environment.read_env(os.environ.get("DOTENV") or str(CHECKOUT / ".env"))
env = Environment()

# Everything the site writes at run time: database, model store, MLflow's store.
VAR_DIR = CHECKOUT / env.str("VAR_DIR", default="var")

# --- security -----------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="only-for-debugging-on-a-laptop" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Set SECRET_KEY (or SECRET_KEY_FILE) to a long random text, "
        "or DEBUG=true on your own machine."
    )
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] + (["*"] if DEBUG else [])
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", default=False)  # behind an HTTPS proxy
CSRF_FAILURE_VIEW = "common.csrf.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
X_FRAME_OPTIONS = "DENY"
# Number of proxies in front of the site, so that rate limits apply to visitors, not to the ingress.
NUM_PROXIES = env.int("NUM_PROXIES", default=0)
# Hosts from which pages may load posters; "https:" allows all. A poster elsewhere is drawn instead.
POSTER_HOSTS = env.list("POSTER_HOSTS", default=["upload.wikimedia.org"])
for host in POSTER_HOSTS:
    if not re.fullmatch(r"https:|(\*\.)?([a-z0-9-]+\.)+[a-z0-9-]+(:\d+)?", host, re.IGNORECASE):
        raise ImproperlyConfigured(
            f"POSTER_HOSTS contains {host!r}; write host names, such as upload.wikimedia.org or "
            "*.example.com, separated by commas, or https: for all hosts."
        )
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [
            SELF,
            "data:",
            *(host if host == "https:" else f"https://{host}" for host in POSTER_HOSTS),
        ],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
MAX_BODY_BYTES = 4_000_000  # a thousand reviews for predict/ average 1.3 MB
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES

# Where to report vulnerabilities, for security.txt: mailto:... or https://...
SECURITY_CONTACT = env.str("SECURITY_CONTACT", default="")

# --- the project --------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "csp",
    "django_filters",
    "simple_history",
    "import_export",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "observability",
    "status",
    "movies",
    "seo",
    "reviews",
    "mlmodel",
    "accounts",
]
MIDDLEWARE = [
    "observability.middleware.RequestIdMiddleware",
    "observability.middleware.RequestEventMiddleware",
    "observability.metrics.MetricsHostMiddleware",
    "mlmodel.serving.middleware.PinModelMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "common.body_limit.BodyLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "rottenpotatoes.urls"
WSGI_APPLICATION = "rottenpotatoes.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mlmodel.serving.context_processors.model_version",
            ],
        },
    },
]

# --- database and cache -------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=sqlite_url(VAR_DIR / "site.sqlite3"))}
# Separate from the URL, so that only the password is secret. It overrides the one in the URL.
if DATABASE_PASSWORD := env.str("DATABASE_PASSWORD", default=""):
    DATABASES["default"]["PASSWORD"] = DATABASE_PASSWORD
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"]["ENGINE"] = "common.postgresql"  # reads the password on connect
    # An unreachable server is noticed after 10 s of sending, or within 60 s of waiting for a
    # result. Long queries still work: the server's kernel answers keepalives. Parameters in the
    # URL override these.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,  # seconds
        "tcp_user_timeout": 10_000,  # milliseconds
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    } | DATABASES["default"].get("OPTIONS", {})
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # IMMEDIATE takes the write lock before a counter is read, so that two submissions queue.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Rate limits count in the cache: several workers or pods need a shared one, CACHE_URL=redis://...
CACHES = {"default": env.cache("CACHE_URL", default="locmemcache://")}
if CACHES["default"]["BACKEND"].endswith(".RedisCache"):
    CACHES["default"]["BACKEND"] = "common.cache.SharedCache"

# --- language and time --------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# --- static files -------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
# Posters that `manage.py fetch_posters` keeps; several web processes share the folder.
POSTER_DIR = Path(env.str("POSTER_DIR", default=str(VAR_DIR / "posters")))

# --- accounts -----------------------------------------------------------------
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "home"

# --- histories of movies and labels -------------------------------------------
SIMPLE_HISTORY_DATE_INDEX = False  # queried for one movie or one review
SIMPLE_HISTORY_REVERT_DISABLED = True

# --- email --------------------------------------------------------------------
# smtp+tls://user:password@host:587; by default, emails are printed to the console.
EMAIL = env.email("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = EMAIL["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = EMAIL["EMAIL_HOST"], EMAIL["EMAIL_PORT"] or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = EMAIL["EMAIL_HOST_USER"], EMAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL.get("EMAIL_USE_TLS", False), EMAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10  # seconds: a dead mail server must not block a page for long
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="Rotten Potatoes <noreply@localhost>")

# --- API ----------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "common.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_PAGINATION_CLASS": "common.pagination.Pages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "common.openapi.Schema",
    "DEFAULT_THROTTLE_RATES": {
        "predict": env.str("PREDICT_RATE", default="600/min"),
        "reviews": env.str("REVIEW_RATE", default="20/min"),
        "reports": env.str("REPORT_RATE", default="10/hour"),
        "login": env.str("LOGIN_RATE", default="10/min"),
        "login_name": env.str("LOGIN_NAME_RATE", default="20/hour"),
        "signup": env.str("SIGNUP_RATE", default="10/hour"),
        "password_reset": env.str("PASSWORD_RESET_RATE", default="5/hour"),
    },
    "NUM_PROXIES": NUM_PROXIES,
    "EXCEPTION_HANDLER": "common.errors.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Rotten Potatoes",
    "DESCRIPTION": "Movies with their freshness and reviews, and the model that scores them.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_SETTINGS": {},  # deepLinking would put a link into a button
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "ReviewLabel": "reviews.models.Label",
        "LabelSource": "reviews.models.LabelSource",
        "HumanLabelEnum": "reviews.models.HUMAN_LABELS",
        "UnreadableReason": "mlmodel.unreadable.UnreadableReason",
    },
}

# --- reviews and freshness ----------------------------------------------------
REVIEW_MAX_CHARS = 10_000
GUEST_REVIEWS = env.bool(
    "GUEST_REVIEWS", default=True
)  # whether visitors without an account may write
# A burst: at least this many reviews of one movie in this many minutes, this many times faster than
# before. Its reviews do not count until a curator decides. 0 reviews disables the detection.
BURST_REVIEWS = env.int("BURST_REVIEWS", default=30)
BURST_MINUTES = env.int("BURST_MINUTES", default=10)
BURST_FACTOR = env.float("BURST_FACTOR", default=5)
VERDICT_MIN_REVIEWS = env.int("VERDICT_MIN_REVIEWS", default=5)
VERDICT_HOT = env.float("VERDICT_HOT", default=0.60)
# Of the likelihood, on one side of VERDICT_HOT; below it a movie is Half-Baked (docs/freshness.md).
VERDICT_DECIDED = env.float("VERDICT_DECIDED", default=0.75)
VERDICT_CERTIFIED = env.float("VERDICT_CERTIFIED", default=0.75)
VERDICT_CERTIFIED_KEEP = env.float("VERDICT_CERTIFIED_KEEP", default=0.70)
if not 0 < VERDICT_HOT <= VERDICT_CERTIFIED_KEEP <= VERDICT_CERTIFIED < 1:
    raise ImproperlyConfigured(
        "The thresholds of the verdict must be in ascending order: "
        "0 < VERDICT_HOT <= VERDICT_CERTIFIED_KEEP <= VERDICT_CERTIFIED < 1."
    )
if not 0.5 < VERDICT_DECIDED < 1:
    raise ImproperlyConfigured(
        f"VERDICT_DECIDED is {VERDICT_DECIDED}; it must be a probability above 0.5 and below 1, "
        "such as 0.75."
    )

# --- the model ----------------------------------------------------------------
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "data")))
MODEL_STORE = Path(env.str("MODEL_STORE", default=str(VAR_DIR / "models")))
PRETRAINED_MODEL = Path(
    env.str("PRETRAINED_MODEL", default=str(BASE_DIR / "mlmodel" / "pretrained"))
)
MLFLOW_TRACKING_URI = env.str("MLFLOW_TRACKING_URI", default=sqlite_url(VAR_DIR / "mlflow.db"))
MLFLOW_ARTIFACTS = env.str("MLFLOW_ARTIFACTS", default=str(VAR_DIR / "mlartifacts"))
MLFLOW_MODEL_NAME = env.str("MLFLOW_MODEL_NAME", default="sentiment")
IMAGE_TAG = env.str("IMAGE_TAG", default="")

# --- logs, metrics ------------------------------------------------------------
LOGSTASH_URL = env.str("LOGSTASH_URL", default="")
LOGSTASH_QUEUE_DIR = env.str("LOGSTASH_QUEUE_DIR", default="")  # empty: in memory
LOGSTASH_CA_FILE = env.str(
    "LOGSTASH_CA_FILE", default=""
)  # CA certificates for https:// with a private CA
LOGSTASH_QUEUE_LIMIT = env.int("LOGSTASH_QUEUE_LIMIT", default=50_000)  # events per process
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING_CONFIG = "observability.logging.configure"
LOGGING = {
    "level": LOG_LEVEL,
    "readable": DEBUG,
    "logstash_url": LOGSTASH_URL,
    "queue_dir": LOGSTASH_QUEUE_DIR,
    "queue_limit": LOGSTASH_QUEUE_LIMIT,
    "ca_file": LOGSTASH_CA_FILE,
}
STRICT_EVENTS = DEBUG  # an undocumented field is an error; otherwise it is dropped
# Share of predict/ requests that are logged as events; the metrics count all of them.
PREDICT_EVENTS_SHARE = env.float("PREDICT_EVENTS_SHARE", default=1.0)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # Prometheus sends it as bearer token
