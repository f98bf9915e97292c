"""Settings: everything that differs between installations comes from environment variables, parsed strictly.

`docs/operations.md` lists them. Everything the service writes lies under one folder, `HANAPER_DATA`.
"""

from importlib.metadata import distribution
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url

from hanaper.storage import configuration as environment

SANDBOX = environment.choice("HANAPER_MODE", "sandbox", ("sandbox", "production")) == "sandbox"
DEBUG = False

DATA = environment.data_folder(Path.cwd() / "data")
SECRET_KEY = environment.secret_file(DATA / "secret-key").hex()
# Opens every sealed secret: keep a copy apart from the database's backups.
MASTER_KEY_FOLDER = DATA / "master-keys"
PUBLISHED = DATA / "published"  # CRLs and issuer certificates, served as files

HOST = environment.text("HANAPER_HOST", "127.0.0.1")
PORT = environment.number("HANAPER_PORT", 8000, 1, 65535)
PUBLIC_URL = environment.url("HANAPER_PUBLIC_URL", f"http://{HOST}:{PORT}")
# Only what these add about a request's origin is believed (X-Forwarded-For, X-Forwarded-Proto).
TRUSTED_PROXIES = environment.networks("HANAPER_TRUSTED_PROXIES")
# Burnt into certificates, so it is a setting of its own, and plain http (RFC 5280 4.2.1.13).
STATUS_URL = environment.url("HANAPER_STATUS_URL", PUBLIC_URL if SANDBOX else "http://status.invalid")

# Certificates name the status address, so it is always answered.
ALLOWED_HOSTS = (
    ["*"] if SANDBOX else [*environment.listing("HANAPER_ALLOWED_HOSTS"), urlsplit(STATUS_URL).hostname or ""]
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https:")
X_FRAME_OPTIONS = "DENY"
# Scripts, styles and pictures are files of ours; none stands in a page. data: is the picture of a second
# factor's secret.
SECURE_CSP = {
    "default-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}

# What the operator decides once (SPEC D1, D10, D17)
ZONE = environment.text("HANAPER_ZONE", "UTC")
COUNTRY = environment.text("HANAPER_COUNTRY", "none")  # of the holiday calendar; `none`: Monday to Friday
CURRENCY = environment.text("HANAPER_CURRENCY", "USD")
REGIONS = environment.listing("HANAPER_REGIONS", "default")  # of private CAs; the first is the default
# Prices include it; 1900 is 19 %.
TAX_BASIS_POINTS = environment.number("HANAPER_TAX_BASIS_POINTS", 0, 0, 10_000)
CA_ORGANIZATION = environment.text("HANAPER_CA_ORGANIZATION", "Hanaper")
CA_COUNTRY = environment.text("HANAPER_CA_COUNTRY", "US")

# Where the keys of private CAs may live; the first is the default. The built-in CA keeps its in the database.
KEYSTORES = environment.listing("HANAPER_KEYSTORES", "database")
PKCS11_MODULE = environment.text("HANAPER_PKCS11_MODULE", "")  # the path of the library
PKCS11_TOKEN = environment.text("HANAPER_PKCS11_TOKEN", "")  # its label
PKCS11_PIN = environment.given_secret("HANAPER_PKCS11_PIN")
if unknown := [one for one in KEYSTORES if one not in ("database", "pkcs11")]:
    raise environment.ConfigurationError(f"HANAPER_KEYSTORES: {unknown[0]!r} is neither database nor pkcs11.")
if ("pkcs11" in KEYSTORES or PKCS11_MODULE) and not (PKCS11_MODULE and PKCS11_TOKEN and PKCS11_PIN):
    raise environment.ConfigurationError(
        "A token needs HANAPER_PKCS11_MODULE, HANAPER_PKCS11_TOKEN and HANAPER_PKCS11_PIN_FILE."
    )
UNPAID_ORDER_HOURS = environment.number("HANAPER_UNPAID_ORDER_HOURS", 24, 1, 24 * 30)

# Checks of domain control. A sandbox has a name server of its own, for names under .test; production asks the
# system's unless told otherwise.
SANDBOX_DNS_PORT = environment.number(
    "HANAPER_SANDBOX_DNS_PORT", PORT + 2 if PORT < 65534 else PORT - 2, 1, 65535
)
SANDBOX_DNS_RECORDS = DATA / "sandbox-dns.json"
RESOLVERS = environment.listing(
    "HANAPER_RESOLVERS", f"127.0.0.1:{SANDBOX_DNS_PORT}" if SANDBOX else ""
)  # address:port
# Where visitors of gateways come in: the zone of the names that owners point their domains to.
GATEWAY_ZONE = environment.zone("HANAPER_GATEWAY_ZONE", "gateway.test" if SANDBOX else "gateway.invalid")
# The node that `hanaper up` runs beside the service; 0: none.
GATEWAY_HTTP_PORT = environment.number(
    "HANAPER_GATEWAY_HTTP_PORT", (PORT + 80 if PORT < 65400 else PORT - 80) if SANDBOX else 0, 0, 65535
)
GATEWAY_HTTPS_PORT = environment.number(
    "HANAPER_GATEWAY_HTTPS_PORT", (PORT + 443 if PORT < 65000 else PORT - 443) if SANDBOX else 0, 0, 65535
)
GATEWAY_ADDRESS = environment.text("HANAPER_GATEWAY_ADDRESS", HOST)
# For requests that began before a change of anything that is served.
GATEWAY_DRAIN_SECONDS = environment.number("HANAPER_GATEWAY_DRAIN_SECONDS", 600, 1, 86_400)
NGINX = environment.text("HANAPER_NGINX", "")
# Where origins of gateways may be besides the public internet.
ORIGIN_NETWORKS = environment.networks("HANAPER_ORIGIN_NETWORKS")
# Who shows it may read /metrics; without one, this machine.
METRICS_TOKEN = environment.text("HANAPER_METRICS_TOKEN", "")
HTTP_CHECK_PORT = environment.number("HANAPER_HTTP_CHECK_PORT", 80, 1, 65535)
# The same where nodes of the gateway give the file: visitors come to them by port 80, but for a sandbox.
GATEWAY_CHECK_PORT = (SANDBOX and GATEWAY_HTTP_PORT) or 80

# ACME on private CAs. Its addresses are made from ACME_URL; whoever installs says which networks inside may
# be asked whether somebody controls a name there.
ACME_URL = environment.url("HANAPER_ACME_URL", PUBLIC_URL)
ACME_NETWORKS = [ip_network(one) for one in environment.networks("HANAPER_ACME_NETWORKS")]
ACME_HTTP_PORT = environment.number("HANAPER_ACME_HTTP_PORT", HTTP_CHECK_PORT, 1, 65535)
ACME_TLS_PORT = environment.number("HANAPER_ACME_TLS_PORT", 443, 1, 65535)
ACME_TERMS = environment.text("HANAPER_ACME_TERMS", "")  # address of terms that clients agree to
ACME_AUTHORIZATION_DAYS = environment.number("HANAPER_ACME_AUTHORIZATION_DAYS", 30, 0, 398)
# For one external account key an hour, one account an hour, one account and name an hour.
ACME_ACCOUNTS_PER_HOUR = environment.number("HANAPER_ACME_ACCOUNTS_PER_HOUR", 100, 1, 1_000_000)
ACME_ORDERS_PER_HOUR = environment.number("HANAPER_ACME_ORDERS_PER_HOUR", 1000, 1, 10_000_000)
ACME_FAILURES_PER_HOUR = environment.number("HANAPER_ACME_FAILURES_PER_HOUR", 20, 1, 1_000_000)

# The sandbox card provider: a process of its own, reached by HTTP and webhooks only.
CARD_PROVIDER_PORT = environment.number(
    "HANAPER_CARD_PROVIDER_PORT", PORT + 1 if PORT < 65535 else PORT - 1, 1, 65535
)
CARD_PROVIDER_URL = environment.url("HANAPER_CARD_PROVIDER_URL", f"http://127.0.0.1:{CARD_PROVIDER_PORT}")
CARD_PROVIDER_SECRET = environment.secret_file(DATA / "card-provider-secret").hex()

WEB_WORKERS = environment.number("HANAPER_WEB_WORKERS", 1, 1, 64)
WEB_THREADS = environment.number("HANAPER_WEB_THREADS", 4, 1, 256)
SWEEP_SECONDS = environment.number("HANAPER_SWEEP_SECONDS", 2, 1, 3600)
# Requests per minute for one access key.
RATE_LIMIT_PER_MINUTE = environment.number("HANAPER_RATE_LIMIT", 1200, 1, 1_000_000)

ROOT_URLCONF = "hanaper.urls"
WSGI_APPLICATION = "hanaper.wsgi.application"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [Path(__file__).parent / "faces" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
SITE_ID = 1

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "django_ox",
    "hanaper.apps.clock",
    "hanaper.apps.recovery",
    "hanaper.apps.secrets",
    "hanaper.apps.accounts",
    "hanaper.apps.audit",
    "hanaper.apps.events",
    "hanaper.apps.webhooks",
    "hanaper.apps.policies",
    "hanaper.apps.catalog",
    "hanaper.apps.ledger",
    "hanaper.apps.payments",
    "hanaper.apps.orders",
    "hanaper.apps.authority",
    "hanaper.apps.certificates",
    "hanaper.apps.private_ca",
    "hanaper.apps.acme",
    "hanaper.apps.gateway",
    "hanaper.apps.other_services",
    "hanaper.apps.refunds",
    "hanaper.apps.trials",
    # Last: it puts the products together once every table is known.
    "hanaper.django_app.Hanaper",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "hanaper.faces.acme.middleware.AcmeMiddleware",
    "hanaper.faces.rest.middleware.ApiMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "hanaper.faces.console.middleware.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "DIRS": [Path(__file__).parent / "faces" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hanaper.faces.console.context.service",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "hanaper.faces.console.tags",
                "hanaper.faces.console.private_ca.tags",
                "hanaper.faces.console.gateway.tags",
            ],
        },
    }
]

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
# Takes memory to guess, and a third of the time to check; the second is for passwords from before it.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none" if SANDBOX else "mandatory"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "hanaper.faces.console.adapter.AccountAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ADAPTER = "hanaper.faces.console.second_factor.SecondFactorAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = SANDBOX
MFA_TOTP_TOLERANCE = 1  # one step of 30 s for clocks that disagree (RFC 6238 section 5.2)

# Without a mail server, letters are files under the data folder.
SMTP_HOST = environment.text("HANAPER_SMTP_HOST", "")
SMTP_SECURITY = environment.choice("HANAPER_SMTP_SECURITY", "starttls", ("starttls", "tls", "none"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.text("HANAPER_MAIL_FROM", "hanaper@localhost")
MAILERS: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": SMTP_HOST,
            "port": environment.number("HANAPER_SMTP_PORT", 465 if SMTP_SECURITY == "tls" else 587, 1, 65535),
            "username": environment.text("HANAPER_SMTP_USER", ""),
            "password": environment.text("HANAPER_SMTP_PASSWORD", ""),
            "use_tls": SMTP_SECURITY == "starttls",
            "use_ssl": SMTP_SECURITY == "tls",
            "timeout": 20,  # seconds; a letter is claimed for longer (events.sweep.LEASE)
        },
    }
    if SMTP_HOST
    else {
        "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "OPTIONS": {"file_path": DATA / "mail"},
    }
}

SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA / "hanaper.sqlite3",
    "CONN_MAX_AGE": None,
    "OPTIONS": {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    },
}
_database_url = environment.text("DATABASE_URL", "")
if _database_url and not _database_url.startswith(("postgres://", "postgresql://")):
    raise environment.ConfigurationError("DATABASE_URL: only postgres:// addresses; leave it out for SQLite.")
DATABASES = {
    "default": {**dj_database_url.parse(_database_url, conn_max_age=600)} if _database_url else SQLITE
}
POSTGRESQL = bool(_database_url)

TASKS = {"default": {"BACKEND": "django_ox.backend.OxBackend"}}

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [
    Path(__file__).parent / "faces" / "static",
    str(distribution("django-ninja").locate_file("ninja/static")),
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

LOGGING_CONFIG = "hanaper.storage.logs.configure"
LOGGING = {
    "level": environment.choice("HANAPER_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
    "form": environment.choice("HANAPER_LOG_FORM", "json", ("json", "text")),
}
