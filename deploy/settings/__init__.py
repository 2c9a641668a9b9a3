"""Django's settings for a node, made from the environment (deploy/settings/environment.py).

Nothing here depends on whether tests are running; tests set the environment like any other start.
"""

from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from deploy.settings.background import broker, schedule
from deploy.settings.doors import doors
from deploy.settings.environment import BASE_DIR, database, email, read_environment

ENV = read_environment()

# This node
NODE_ID = ENV.node_id
NODE_URL = ENV.node_url
NODE_NAME = ENV.node_name
NODE_LANGUAGES = ENV.node_languages
NODE_REGION = ENV.node_region
STATE_DIR = ENV.state_dir
SIGNING_KEY_FILE = ENV.signing_key_file
LEMMA_DIR = ENV.lemma_dir
VECTOR_DIR = ENV.vector_dir
VECTORS = ENV.vectors
GLOSSARY_FILE = ENV.glossary_file
SEARCH_URL = ENV.search_url
ALLOW_PRIVATE_PEERS = ENV.allow_private_peers
PULL_INTERVAL_SECONDS = ENV.pull_interval_seconds
MAX_DELETED_SHARE = ENV.max_deleted_share
ALERT_INTERVAL_SECONDS = ENV.alert_interval_seconds

SECRET_KEY = ENV.secret_key
DEBUG = ENV.debug
ALLOWED_HOSTS = list(ENV.allowed_hosts)
HTTPS = NODE_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "graphene_django",
    "i18n",
    "core.records",
    "core.search",
    "core.accounts",
    "core.web",
    "core.api",
    "core.graphql",
    "tools_inventory",
    "federation",
]

MIDDLEWARE = [
    "core.web.middleware.HeadersOfJson",
    "django.middleware.security.SecurityMiddleware",
    "core.web.static_files.StaticFiles",
    "core.compression.Compression",
    "csp.middleware.CSPMiddleware",
    "core.web.middleware.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.web.middleware.ErrorPages",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "deploy.urls"
WSGI_APPLICATION = "deploy.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [("core.web.folding.Loader", ["django.template.loaders.app_directories.Loader"])],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.web.context.page",
            ],
        },
    }
]

DATABASES = {"default": database(ENV.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "workbench:home"
LOGOUT_REDIRECT_URL = "/"
AXES_FAILURE_LIMIT = 8
AXES_VERBOSE = False
AXES_COOLOFF_TIME = 0.25  # hours
# Failures before a success were typing errors.
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "core.accounts.web.pages.locked_out"

# Languages
LANGUAGE_CODE = NODE_LANGUAGES[0] if NODE_LANGUAGES[0] in ("nl", "fr", "de", "en") else "en"
LANGUAGES = [("nl", "Nederlands"), ("fr", "Français"), ("de", "Deutsch"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "i18n" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = ENV.time_zone

# Static files: served by the node itself, named by their content
STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "core.web.static_files.VersionedStorage"},
}
WHITENOISE_USE_FINDERS = True

# Cookies of several demo nodes on one host (cookies know no port) must not sign each other out.
_PORT = urlsplit(NODE_URL).port or ""
SESSION_COOKIE_NAME = f"session{_PORT}"
CSRF_COOKIE_NAME = f"csrftoken{_PORT}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "core.web.errors.csrf_failure"
# Everything comes from this node; no script, style or event handler stands in a page.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

globals().update(email(ENV.email_url))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENV.email_from

# Work in the background
globals().update(broker(ENV.broker_url))
CELERY_BEAT_SCHEDULE = schedule(PULL_INTERVAL_SECONDS, ALERT_INTERVAL_SECONDS)
CELERY_BEAT_SCHEDULE_FILENAME = str(STATE_DIR / "beat")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A page that publishes must not wait for a broker that is down: the clock runs the task all the same.
CELERY_BROKER_CONNECTION_TIMEOUT = 1

# Machine doors
globals().update(doors(https=HTTPS))
# A REST client's bucket holds API_BURST requests and fills at this rate; 0 turns throttling off.
API_REQUESTS_PER_SECOND = 50
API_BURST = 1000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": ENV.log_level},
    # One line for every request to a peer or to the search server drowns what an operator must see.
    "loggers": {name: {"level": "WARNING"} for name in ("httpx", "httpcore", "elastic_transport")},
}
