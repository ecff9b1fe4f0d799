"""The sandbox's API client and staff, as its run directory's credentials name them; run again at will."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.access import roles, services
from apps.kernel.clock import wall_clock
from dpms_site import env

# Tests and demos run longer than a customer's session would.
TOKEN_SECONDS = 4 * 3600


class Command(BaseCommand):
    help = __doc__

    def handle(self, *_: Any, **__: Any) -> None:
        if not settings.SANDBOX:
            raise CommandError("Only a sandbox has clients and staff with readable credentials.")
        found = env.credentials(settings.CONFIG.dir)
        if not found:
            raise CommandError(f"There is no credentials.json in {settings.CONFIG.dir}.")
        services.register_client(
            client_id=found["client_id"],
            client_secret=found["client_secret"],
            scopes=roles.SCOPES,
            token_seconds=TOKEN_SECONDS,
            now=wall_clock(),
        )
        services.ensure_roles()
        for person in found["staff"]:
            if person["role"] not in roles.ROLES:
                raise CommandError(f"{person['username']} has the unknown role {person['role']}.")
            services.register_staff(
                username=person["username"], password=person["password"], role=person["role"]
            )
        self.stdout.write(f"client {found['client_id']}, {len(found['staff'])} staff")
