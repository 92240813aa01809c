"""Settings, all of them: read from the environment, safe by default.

`BOPS_ENV` is `production` unless somebody says otherwise; `bin/demo` and `bin/test` say `demo` and `test`.
docs/deploy.md explains every variable.
"""

import os
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from config import clock

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

BOPS_ENV = env("BOPS_ENV", default="production")
if BOPS_ENV not in {"production", "demo", "test"}:
    raise ImproperlyConfigured(f"BOPS_ENV is {BOPS_ENV!r}; it must be production, demo or test.")
IS_PRODUCTION = BOPS_ENV == "production"
if moment := env("BOPS_NOW", default=""):
    if IS_PRODUCTION:
        raise ImproperlyConfigured("BOPS_NOW moves the clock of the demonstration and the tests, never of production.")
    try:
        clock.start_at(moment)
    except ValueError as problem:
        words = f"BOPS_NOW is {moment!r}; it must be a moment such as 2026-12-26T10:00."
        raise ImproperlyConfigured(words) from problem

# --- Security -------------------------------------------------------------------------------------------------------
DEBUG = False
SECRET_KEY = env("SECRET_KEY", default="" if IS_PRODUCTION else "only-for-the-demo-and-the-tests-" + "x" * 32)
if not SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY to a long random value.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if IS_PRODUCTION else ["*"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = IS_PRODUCTION and not env.bool("ALLOW_HTTP", False)
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SSL_REDIRECT else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", False) else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "SAMEORIGIN"  # Wagtail's preview panel frames our own pages
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=10) * 3600
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_MINUTES", default=60) * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# --- Applications ---------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "home",
    "notices",
    "cases",
    "accounts",
    "config.apps.BopsConfig",
    "config.apps.BopsUsersConfig",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.routable_page",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "wagtail_modeladmin",
    "modelcluster",
    "taggit",
    "django_tasks",
    "django_tasks_db",
    "axes",
    "corsheaders",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.forms",  # its templates, which FORM_RENDERER leaves to the template folders above
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

if not IS_PRODUCTION:
    INSTALLED_APPS.insert(0, "demo")  # the demonstration council and its well-known passwords: never in production

MIDDLEWARE = [
    "config.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "config.middleware.ApiMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "home.remembering.RememberingMiddleware",
    "home.moved.MovedMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.SessionEndMiddleware",  # says why
    "accounts.admin_gate.CouncilAdminMiddleware",
    "cases.admin.typed.middleware.TypedWordsMiddleware",  # keeps what was typed, also when the session has ended
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.SecurityHeadersMiddleware",
    "config.middleware.StorageAwayMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

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
                "wagtail.contrib.settings.context_processors.settings",
                "home.context_processors.council",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database: PostgreSQL, everywhere -------------------------------------------------------------------------------
if not os.environ.get("DATABASE_URL"):
    if IS_PRODUCTION:
        raise ImproperlyConfigured("Set DATABASE_URL, for example postgres://user:password@host:5432/bops")
    from config.local_postgres import database_url  # only the demo and the tests start a server of their own

    os.environ["DATABASE_URL"] = database_url()
DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# A server that does not answer is given up in seconds; DATABASE_URL may say otherwise.
DATABASE_PATIENCE = {"connect_timeout": 5, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
DATABASES["default"]["OPTIONS"] = DATABASE_PATIENCE | DATABASES["default"].get("OPTIONS", {})
if seconds := env.int("DATABASE_STATEMENT_SECONDS", default=0):  # config/wsgi.py sets 30
    DATABASES["default"]["OPTIONS"]["options"] = f"-c statement_timeout={seconds}s"
if not DATABASES["default"]["ENGINE"].endswith("postgresql"):
    raise ImproperlyConfigured("BoPS runs on PostgreSQL only; DATABASE_URL names another database.")
# The role that web, worker and due work sign in as, and that owns nothing (config/database_roles.py).
DATABASE_RUNTIME_ROLE = env("DATABASE_RUNTIME_ROLE", default="bops_runtime")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS = ["fields.W161"]  # a working day ends at 17:00, which is no mistake at 17:00 either

# --- Who ------------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "accounts.sign_in.PeopleAtWork"]
WAGTAILADMIN_USER_LOGIN_FORM = "accounts.sign_in.SignInForm"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "wagtailadmin_login"
LOGIN_REDIRECT_URL = "wagtailadmin_home"
# Lock-out counts the pair (e-mail, address), so that nobody can lock a colleague out from elsewhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "accounts/locked_out.html"
AXES_HANDLER = "accounts.sign_in.SignInHandler"  # and an address that fails with many e-mails
AXES_USERNAME_CALLABLE = "accounts.sign_in.name_of"
AXES_CLIENT_IP_CALLABLE = "accounts.sign_in.client_address"
PROXY_COUNT = env.int("PROXY_COUNT", default=0)  # how many of our own proxies write X-Forwarded-For

# --- Words and time -------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True
DATE_FORMAT = "j F Y"

# --- Files ----------------------------------------------------------------------------------------------------------
LOCAL_DIR = Path(env("BOPS_LOCAL_DIR", default=str(BASE_DIR / ".local")))
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(LOCAL_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(LOCAL_DIR / "media")))
CASE_DOCUMENTS_ROOT = Path(env("CASE_DOCUMENTS_ROOT", default=str(LOCAL_DIR / "case_documents")))
STORAGES = {
    "default": {"BACKEND": "cases.files.whole.WholeFilesOnDisk"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if BOPS_ENV == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
    # Case documents have one way out, cases/documents/serving.py: never under MEDIA_URL.
    "case_documents": {
        "BACKEND": "cases.files.disk.DocumentsOnDisk",
        "OPTIONS": {"location": str(CASE_DOCUMENTS_ROOT), "base_url": None},
    },
}
if env("AWS_STORAGE_BUCKET_NAME", default=""):
    # Here, because it takes time to load and only S3 needs it.
    from config.document_store import on_s3

    STORAGES["case_documents"] = on_s3(
        bucket=env("AWS_STORAGE_BUCKET_NAME"),
        region=env("AWS_S3_REGION_NAME", default="eu-west-2"),
        endpoint=env("AWS_S3_ENDPOINT_URL", default=""),
    )
    if env("AWS_MEDIA_BUCKET_NAME", default=""):
        STORAGES["default"] = {
            "BACKEND": "cases.files.s3.DocumentsOnS3",
            "OPTIONS": {
                "file_overwrite": False,  # two editors' files of one name are two
                "bucket_name": env("AWS_MEDIA_BUCKET_NAME"),
                "region_name": env("AWS_S3_REGION_NAME", default="eu-west-2"),
                "endpoint_url": env("AWS_S3_ENDPOINT_URL", default=None),
            },
        }
MAX_DOCUMENT_BYTES = env.int("MAX_DOCUMENT_MB", default=100) * 1024 * 1024
# How long whoever sends a file waits until it is opened; what takes longer is opened in the background.
OPENING_SECONDS = env.float("OPENING_SECONDS", default=0.3)
# All files of one form together: what strangers may make the disk hold for a moment.
MAX_UPLOAD_BYTES = 5 * MAX_DOCUMENT_BYTES
FILE_UPLOAD_HANDLERS = [
    "cases.files.uploads.LimitedUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# Virus scanner: tcp://host:port or unix:///path/of/the/socket of ClamAV's clamd. Empty: none, files are not scanned.
CLAMAV_ADDRESS = env("CLAMAV_ADDRESS", default="")
CLAMAV_TIMEOUT_SECONDS = env.int("CLAMAV_TIMEOUT_SECONDS", default=120)  # for each step of a scan
MAX_SUBMISSION_BYTES = 20 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_NUMBER_FILES = 200
FILE_UPLOAD_PERMISSIONS = 0o640

# --- Submissions ----------------------------------------------------------------------------------------------------
ODP_SCHEMA_DIR = Path(env("ODP_SCHEMA_DIR", default=str(LOCAL_DIR / "odp-schemas")))
# Files named in a submission are fetched from these hosts and from nowhere else (no request to inner networks).
SUBMISSION_FILE_HOSTS = env.list(
    "SUBMISSION_FILE_HOSTS", default=[] if BOPS_ENV == "test" else ["api.editor.planx.uk", "api.editor.planx.dev"]
)
# Hosts (or host:port) of our own network, without TLS perhaps: only for a file server that stands beside BoPS.
SUBMISSION_FILE_INNER_HOSTS = env.list("SUBMISSION_FILE_INNER_HOSTS", default=[])
PLANX_FILE_API_KEY = env("PLANX_FILE_API_KEY", default="")
# The Planning Portal signs its notices: PLANNING_PORTAL_SECRET_<authority code> is what it shares with one council.
PLANNING_PORTAL_SECRETS = {
    name.removeprefix("PLANNING_PORTAL_SECRET_"): secret
    for name, secret in os.environ.items()
    if name.startswith("PLANNING_PORTAL_SECRET_") and secret
}
PLANNING_PORTAL_PRODUCT_ID = env("PLANNING_PORTAL_PRODUCT_ID", default="")
PLANNING_PORTAL_CLIENT_ID = env("PLANNING_PORTAL_CLIENT_ID", default="")

# --- APIs -----------------------------------------------------------------------------------------------------------
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=600)  # of one token
# Programs in a browser may read what is public, from any page, and nothing else: no other method, no cookie, no token.
CORS_URLS_REGEX = (
    r"^/api/(@next/public|v2/public)/|^/api/openapi\.json$|^/register\.|^/planning-applications\.(csv|json|geojson|atom)"
    r"|^/open-data/"
)
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS"]
CORS_ALLOW_HEADERS = ["accept", "if-modified-since", "if-none-match", "x-client", "x-service"]
CORS_EXPOSE_HEADERS = ["etag", "last-modified", "link", "x-row-count", "x-has-more", "x-whole-register"]

# --- Messages -------------------------------------------------------------------------------------------------------
# No key: nothing leaves, messages stay readable in the admin. NOTIFY_API_KEY_<authority code> wins over NOTIFY_API_KEY.
NOTIFY_API_KEY = env("NOTIFY_API_KEY", default="")
NOTIFY_API_KEYS = {
    name.removeprefix("NOTIFY_API_KEY_"): key for name, key in os.environ.items() if name.startswith("NOTIFY_API_KEY_")
}
# For councils that have no templates of their own at Notify, and for what the installation itself writes.
NOTIFY_EMAIL_TEMPLATE_ID = env("NOTIFY_EMAIL_TEMPLATE_ID", default="")
NOTIFY_LETTER_TEMPLATE_ID = env("NOTIFY_LETTER_TEMPLATE_ID", default="")
NOTIFY_BASE_URL = env("NOTIFY_BASE_URL", default="https://api.notifications.service.gov.uk")
NOTIFY_CALLBACK_TOKEN = env("NOTIFY_CALLBACK_TOKEN", default="")
NOTIFY_TIMEOUT_SECONDS = 10
EMAIL_BACKEND = "notices.outbox.mail.OutboxBackend"  # what Wagtail and Django send becomes outbox rows too
DEFAULT_FROM_EMAIL = "bops@localhost"

# --- Background work ------------------------------------------------------------------------------------------------
TASKS = {
    "default": {
        "BACKEND": "django_tasks.backends.immediate.ImmediateBackend"
        if BOPS_ENV == "test"
        else "django_tasks_db.DatabaseBackend",
        "QUEUES": ["default", "messages", "documents"],
    }
}

# --- Caches: in each process's memory, and never older than the database (home/remembering.py) ------------------------
CACHES = {
    "default": {"BACKEND": "home.remembering.WebsiteCache", "LOCATION": "bops"}
    if not env("CACHE_URL", default="")
    else env.cache("CACHE_URL"),
    # Public pages: a bounded number of pages of bounded length (home/caching.py).
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "OPTIONS": {"MAX_ENTRIES": 400},
    },
}
# How long each process remembers what stands around public pages if nothing changes: the council, its menu, the choices
# of the search.
REMEMBER_SECONDS = 0 if BOPS_ENV == "test" else 60
# How long it remembers whole public pages; 0: not at all.
REGISTER_CACHE_SECONDS = env.int("REGISTER_CACHE_SECONDS", default=0 if BOPS_ENV == "test" else 60)

# --- Wagtail --------------------------------------------------------------------------------------------------------
WAGTAIL_SITE_NAME = "BoPS"
WAGTAILADMIN_BASE_URL = env("PUBLIC_BASE_URL", default="http://127.0.0.1:8000")
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_DATE_FORMAT = "%d/%m/%Y"  # as accounts/dates/fields.py writes days
WAGTAIL_DATETIME_FORMAT = "%d/%m/%Y %H:%M"
WAGTAIL_AUTOSAVE_INTERVAL = 0  # a half-typed decision must not be saved by itself
WAGTAIL_WORKFLOW_CANCEL_ON_PUBLISH = False
WAGTAILADMIN_NOTIFICATION_INCLUDE_SUPERUSERS = False  # an installation serves many councils: no mail of their cases
WAGTAIL_PASSWORD_RESET_ENABLED = True
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False  # an address is changed where it is put on record (accounts/users.py)
WAGTAILADMIN_COMMENTS_ENABLED = False
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpeg", "jpg", "png", "webp"]
WAGTAILIMAGES_IMAGE_FORM_BASE = "home.editors_files.ImageForm"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "home.editors_files.DocumentForm"
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odt", "pdf", "txt", "xlsx"]
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILADMIN_RICH_TEXT_EDITORS = {
    "default": {
        "WIDGET": "wagtail.admin.rich_text.DraftailRichTextArea",
        "OPTIONS": {"features": ["h2", "h3", "bold", "italic", "ol", "ul", "link", "document-link", "hr"]},
    },
}
TAGGIT_CASE_INSENSITIVE = True

# --- Maps -----------------------------------------------------------------------------------------------------------
# Pictures behind the red line, as https://tiles.example.org/{z}/{x}/{y}.png. Empty: a plain grid, and no other host
# learns which application somebody reads.
MAP_TILE_URL = env("MAP_TILE_URL", default="")
MAP_ATTRIBUTION = env("MAP_ATTRIBUTION", default="")

# --- Logging --------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "access": {"format": "{message}", "style": "{"},
    },
    # The address of an applicant's link opens it for whoever reads it: no line of a log tells one.
    "filters": {
        "hide_links": {"()": "config.log_filter.HideLinks"},
        "short_outages": {"()": "config.log_filter.ShortOutages"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["short_outages", "hide_links"]},
        "access": {
            "class": "logging.StreamHandler",
            "formatter": "access",
            "filters": ["hide_links"],
            "stream": "ext://sys.stdout",
        },
    },
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="WARNING" if BOPS_ENV == "test" else "INFO")},
    "loggers": {
        "fontTools": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
        "axes": {"level": "WARNING"},
        "django.request": {"level": "ERROR" if BOPS_ENV == "test" else "WARNING"},
        # Written only where gunicorn is told to write it (--access-logfile).
        "gunicorn.access": {"handlers": ["access"], "level": "INFO", "propagate": False},
    },
}

if BOPS_ENV == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    AXES_ENABLED = env.bool("AXES_ENABLED", default=False)
