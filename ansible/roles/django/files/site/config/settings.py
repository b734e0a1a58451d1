"""Settings of the to-do site. What differs from one rack to another, and every secret, is in the environment."""

import socket
from pathlib import Path

from .environment import Environment

environment = Environment()

BASE_DIR = Path(__file__).resolve().parent.parent

# What the service was started as; it says so when it is asked for its health.
RELEASE = environment.text("TODO_RELEASE", "development")
SERVED_BY = environment.text("TODO_HOST", socket.gethostname())

DEBUG = False
SECRET_KEY = environment.text("TODO_SECRET_KEY")
ALLOWED_HOSTS = environment.texts("TODO_ALLOWED_HOSTS", "localhost,127.0.0.1")
CSRF_TRUSTED_ORIGINS = environment.texts("TODO_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "todo",
]

MIDDLEWARE = [
    # First, so that every answer says who gave it, an error too.
    "todo.middleware.served_by",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "todo.middleware.served_by_context",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": environment.text("TODO_DATABASE_NAME", "todo"),
        "USER": environment.text("TODO_DATABASE_USER", "todo"),
        "PASSWORD": environment.text("TODO_DATABASE_PASSWORD", ""),
        "HOST": environment.text("TODO_DATABASE_HOST", "localhost"),
        "PORT": environment.text("TODO_DATABASE_PORT", "5432"),
        # Connections are kept, and looked at before they are used: the database may have been started anew meanwhile.
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # A database that is not there is noticed in seconds, not in minutes.
            "connect_timeout": 3,
            "tcp_user_timeout": 5000,
            "options": "-c statement_timeout=10000 -c lock_timeout=5000",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = environment.text("TODO_STATIC", str(BASE_DIR.parent / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

CSRF_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"journal": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["journal"], "level": "WARNING"},
}
