"""The audit subject: the trail that the streams write, its checker and its pages."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "apps.audit"
