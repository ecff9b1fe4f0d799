"""Other people's Django apps as MongoDB wants them: keys are ObjectIds, migrations live in `mongo_migrations`."""

from axes.apps import AppConfig as AxesConfig
from django.contrib.auth.apps import AuthConfig
from django.contrib.contenttypes.apps import ContentTypesConfig
from django_otp.plugins.otp_static.apps import DefaultConfig as RecoveryCodesConfig
from django_otp.plugins.otp_totp.apps import DefaultConfig as TotpConfig

_KEYS = "django_mongodb_backend.fields.ObjectIdAutoField"


class MongoAuthConfig(AuthConfig):
    default_auto_field = _KEYS


class MongoContentTypesConfig(ContentTypesConfig):
    default_auto_field = _KEYS


class MongoAxesConfig(AxesConfig):
    default_auto_field = _KEYS


class MongoTotpConfig(TotpConfig):
    default_auto_field = _KEYS


class MongoRecoveryCodesConfig(RecoveryCodesConfig):
    default_auto_field = _KEYS
