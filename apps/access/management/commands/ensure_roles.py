"""Makes a group for every role of staff; run again at will, it takes nothing away."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.access import roles, services


class Command(BaseCommand):
    help = __doc__

    def handle(self, *_: Any, **__: Any) -> None:
        services.ensure_roles()
        self.stdout.write(", ".join(roles.ROLES))
