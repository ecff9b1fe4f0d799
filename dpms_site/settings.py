"""Django's settings: addresses from `streaming.config`, secrets from the environment or the run directory."""

import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from dpms_site import env, log_config, optional
from streaming.config import load

optional.leave_out_geography()

BASE_DIR = Path(__file__).resolve().parent.parent
CONFIG = load()
PRODUCTION = CONFIG.profile == "production"
SANDBOX = CONFIG.is_sandbox

# A production process takes nothing from a run directory: its secrets come from its environment.
_credentials = {} if PRODUCTION else env.credentials(CONFIG.dir)

# Outside production a process without a stack (makemigrations, checks) signs with a key that nobody else knows.
SECRET_KEY = env.required(
    "DPMS_SECRET_KEY",
    None if PRODUCTION else _credentials.get("secret_key") or secrets.token_urlsafe(48),
    hint="give 50 random characters",
)
if PRODUCTION and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("DPMS_SECRET_KEY is shorter than 50 characters")

DEBUG = env.boolean("DPMS_DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DPMS_DEBUG is on; production never shows its insides")

# Which domains this process answers for; each can be deployed and scaled alone (docs/reference/services.md).
SERVICES = env.several(
    "DPMS_SERVICES", ("profiles", "parties", "transactions", "ledger", "audit", "console")
)

_web_host = urlsplit(CONFIG.web_url).hostname
ALLOWED_HOSTS = env.listed(
    "DPMS_ALLOWED_HOSTS",
    default=[]
    if PRODUCTION
    else ["localhost", "127.0.0.1", "[::1]", *([_web_host] if _web_host else [])],
)
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("DPMS_ALLOWED_HOSTS is not set: name the hosts this site answers to")
CSRF_TRUSTED_ORIGINS = env.listed("DPMS_TRUSTED_ORIGINS", default=[])

ROOT_URLCONF = "dpms_site.urls"
ASGI_APPLICATION = "dpms_site.asgi.application"
DEFAULT_AUTO_FIELD = "django_mongodb_backend.fields.ObjectIdAutoField"

INSTALLED_APPS = [
    "dpms_site.apps.MongoAuthConfig",
    "dpms_site.apps.MongoContentTypesConfig",
    "dpms_site.apps.MongoAxesConfig",
    "dpms_site.apps.MongoTotpConfig",
    "dpms_site.apps.MongoRecoveryCodesConfig",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "apps.access",
    "apps.profiles",
    "apps.parties",
    "apps.transactions",
    "apps.ledger",
    "apps.rails",
    "apps.audit",
    "apps.console",
]
MIGRATION_MODULES = {
    name: f"dpms_site.mongo_migrations.{name}"
    for name in ("auth", "axes", "contenttypes", "otp_static", "otp_totp")
}

MIDDLEWARE = [
    "dpms_site.middleware.RequestLine",
    "apps.console.middleware.ConsoleHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

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
            ]
        },
    }
]

MONGODB_URI = env.required(
    "DPMS_MONGODB_URI",
    CONFIG.mongodb_uri or (None if PRODUCTION else "mongodb://127.0.0.1:27017/?replicaSet=rs0"),
    hint="give the address of a replica set",
)
DATABASES = {
    "default": {
        "ENGINE": "django_mongodb_backend",
        "HOST": MONGODB_URI,
        "NAME": CONFIG.mongodb_database,
        # The same promises as the direct driver's (dpms_site.mongodb): a write that was answered survives a failover.
        "OPTIONS": {
            "w": "majority",
            "journal": True,
            "readConcernLevel": "majority",
            "serverSelectionTimeoutMS": 3000,
        },
    }
}

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [CONFIG.valkey_url]},
    }
    if CONFIG.valkey_url
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
LOGIN_URL = "console:login"
LOGIN_REDIRECT_URL = "/console/"
LOGOUT_REDIRECT_URL = "console:login"

# Wrong passwords are counted per user name and address. The address is the peer's: no header that a client could write.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # trying on does not prolong it
AXES_LOCKOUT_CALLABLE = "apps.console.signing_in.locked_out_page"
AXES_DISABLE_ACCESS_LOG = True  # logins are in `access_log`
AXES_VERBOSE = False

STAFF_TOTP = env.choice(
    "DPMS_STAFF_TOTP",
    ("required", "optional"),
    default="required" if PRODUCTION else "optional",
)
if PRODUCTION and STAFF_TOTP != "required":
    raise ImproperlyConfigured("DPMS_STAFF_TOTP is optional; production staff sign in with a code")
OTP_TOTP_ISSUER = "DPMS" if PRODUCTION else "DPMS sandbox"
OTP_TOTP_THROTTLE_FACTOR = OTP_STATIC_THROTTLE_FACTOR = 1

SESSION_ENGINE = "apps.access.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SECURE_SSL_REDIRECT = False  # the load balancer ends TLS; the site is not reachable beside it
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# The bank's own day, by which positions are told; midnight is the end of the day itself.
BUSINESS_ZONE = env.zone("DPMS_BUSINESS_ZONE", default="America/New_York")
BUSINESS_DAY_ENDS = env.time_of_day("DPMS_BUSINESS_DAY_ENDS", default="00:00")

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
USE_I18N = False

STATIC_URL = "static/"
# A sandbox serves static files from where they lie; production from where `collectstatic` put them.
STATIC_ROOT = BASE_DIR / "static" / "collected" if PRODUCTION else None
STATICFILES_DIRS = [
    (name, BASE_DIR / "static" / name)
    for name in ("css", "img", "js", "vendor")
    if (BASE_DIR / "static" / name).is_dir()
]
WHITENOISE_USE_FINDERS = not PRODUCTION

# One megabyte: the largest body the API takes (a batch of 1,000 orders is about half of it).
BODY_BYTES_MAX = DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * BODY_BYTES_MAX
TOKEN_AUDIENCE = "dpms"  # noqa: S105  (a name, no secret)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.access.authentication.BearerToken"],
    "DEFAULT_PERMISSION_CLASSES": ["apps.access.authentication.HasScope"],
    "DEFAULT_PARSER_CLASSES": ["dpms_site.rest.parsing.StrictJson"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "dpms_site.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "NON_FIELD_ERRORS_KEY": "",  # a fault of the object itself: its JSON pointer gets no step more
}
SPECTACULAR_SETTINGS = {
    "TITLE": "DPMS REST API",
    "DESCRIPTION": "Payment orders, and the customers, accounts, aliases and payees they need.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["dpms_site.rest.schema.with_problems"],
}

LOGGING_CONFIG = None
log_config.configure(level="INFO")
