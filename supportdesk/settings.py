"""Settings: what may differ between installations comes from the environment; comments say who would change it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import environ
import structlog
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from kombu import Exchange, Queue

from supportdesk.runtime.database import database_settings
from supportdesk.runtime.places import secret_key, var_folder

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
VAR = var_folder()

DEBUG = env.bool("DEBUG", default=False)  # a developer chasing a bug; never in production
DEMO = env.bool("DEMO", default="DATABASE_URL" not in env.ENVIRON)  # off for real use: shows demo people at sign-in
SECRET_KEY = env.str("SECRET_KEY", default="") or secret_key()  # the operator of a multi-machine deployment
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["*"] if DEMO or DEBUG else ["localhost", "127.0.0.1"]
)  # the operator
PLATFORM_HOSTS = env.list(
    "PLATFORM_HOSTS", default=["localhost", "127.0.0.1", "testserver"]
)  # hosts that show every vendor
CSRF_FAILURE_VIEW = "supportdesk.accounts.views.no_csrf"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])  # the operator, behind a proxy
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000")  # what links in e-mails begin with

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "anymail",
    "csp",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "supportdesk.tenancy",
    "supportdesk.accounts",
    "supportdesk.timers",
    "supportdesk.notifications",
    "supportdesk.knowledge",
    "supportdesk.runtime",
    "plans",
    "tickets",
    "sla",
    "escalation",
    "onboarding",
    "supportdesk.demo",
    "supportdesk.wiring.Wiring",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "supportdesk.accounts.middleware.ZoneMiddleware",
    "supportdesk.accounts.middleware.VendorMiddleware",
]

ROOT_URLCONF = "supportdesk.urls"
WSGI_APPLICATION = "supportdesk.wsgi.application"
DATABASES = {"default": database_settings(env)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "supportdesk.accounts.context.desk",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "supportdesk.jinja.environment", "context_processors": CONTEXT_PROCESSORS},
    },
    # Only for library pages and e-mails that we do not show in our own templates.
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": CONTEXT_PROCESSORS},
    },
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_ADAPTER = "supportdesk.accounts.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
SITE_ID = None

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "supportdesk" / "static"]
STATIC_ROOT = (
    env.str("STATIC_ROOT", default="") or None
)  # the image: where collectstatic puts them; else straight from source
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR / "media")))  # the operator: a shared volume for several webs
MEDIA_URL = "/media/"  # never served: attachments go through an authorised view
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_ROOT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_BYTES", default=25 * 1024 * 1024)  # an admin with larger logs
# Generous, so that what is too long for a ticket still comes back in its form: the forms' own limits are below these.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "tickets.uploading.CappedUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o600

EMAIL_BACKEND = env.str(  # the operator: e.g. anymail.backends.postmark.EmailBackend
    "EMAIL_BACKEND",
    default="supportdesk.notifications.kept_mail.KeptMailBackend"
    if DEMO
    else "django.core.mail.backends.smtp.EmailBackend",
)
EMAIL_URL = env.email_url("EMAIL_URL", default="smtp://localhost:25")
EMAIL_HOST, EMAIL_PORT = EMAIL_URL["EMAIL_HOST"], EMAIL_URL["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = EMAIL_URL["EMAIL_HOST_USER"], EMAIL_URL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL_URL.get("EMAIL_USE_TLS", False), EMAIL_URL.get("EMAIL_USE_SSL", False)
ANYMAIL = env.dict("ANYMAIL", default={})  # the operator: the e-mail provider's keys
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="support@supportdesk.example")

INTEGRATION_KEYS = env.list(  # the operator: Fernet keys, the newest first; without any, one derived from SECRET_KEY
    "INTEGRATION_KEYS", default=[]
)
OUTGOING_ALLOW = env.list(  # the operator of an installation whose integrations are inside: networks, e.g. 10.1.0.0/16
    "OUTGOING_ALLOW", default=[]
)
PROVIDER_URLS = env.json(  # a proxy or a stand-in for a service: {"pagerduty": "https://events.example.com"}
    "PROVIDER_URLS", default={}
)

DELIVERY_LEASE = env.int("DELIVERY_LEASE", default=30)  # the operator: seconds until another worker sends what one left

OPERATOR_EMAILS = env.list(
    "OPERATOR_EMAILS", default=[]
)  # the operator: whom `manage.py watch` tells that nothing fires
WATCH_EMAIL_URL = env.str(  # the operator: another mail server than EMAIL_URL's, so that one may tell of the other
    "WATCH_EMAIL_URL", default=""
)
METRICS_TOKEN = env.str(
    "METRICS_TOKEN", default=""
)  # the operator: what Prometheus sends to /metrics; empty: no such page
METRICS_PORT = env.int(
    "METRICS_PORT", default=0
)  # the operator: where each worker shows its own histograms; 0: nowhere

REDIS_URL = env.str("REDIS_URL", default="")  # the operator: several workers on several machines
CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_BROKER_TRANSPORT = "supportdesk.broker:Transport" if REDIS_URL.startswith(("redis://", "rediss://")) else None
CELERY_TASK_IGNORE_RESULT = True
# Each by an exchange and a key of its own: bound to one, both would get a copy of everything.
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in ("celery", "urgent")]
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {"visibility_timeout": 60} if REDIS_URL else {"polling_interval": 0.05}
)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_ALWAYS_EAGER = False

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
HTTPS = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db" if REDIS_URL else "django.contrib.sessions.backends.db"
CACHES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],  # a view that names none lets nobody in
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
SPECTACULAR_SETTINGS = {"TITLE": "supportdesk", "VERSION": "1", "SERVE_INCLUDE_SCHEMA": False}

# Tracebacks without local variables: those hold what people wrote.
LOG_RENDERERS: list[Any] = (
    [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    if DEMO or DEBUG
    else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
)
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *LOG_RENDERERS,
    ],
    wrapper_class=structlog.make_filtering_bound_logger(10 if DEBUG else 20),
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    # A line for each task that came and went says nothing that the pump's own lines do not.
    "loggers": {name: {"level": "WARNING"} for name in ("celery.worker.strategy", "celery.app.trace")},
}
