"""Customer Profile: enrolment of customers and their aliases."""

from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "apps.profiles"
