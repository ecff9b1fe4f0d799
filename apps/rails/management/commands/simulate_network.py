"""`manage.py simulate_network zelle|interfi`: the far side of a network, for sandboxes."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.rails.simulators.far_side import FAR_SIDES
from apps.rails.simulators.running import SandboxOnly, run


class Command(BaseCommand):
    help = (
        "Plays a network: takes messages by POST and answers to the gateway's inbox. Sandbox only."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("network", choices=sorted(FAR_SIDES))

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            run(options["network"], settings.CONFIG)
        except SandboxOnly as error:
            raise CommandError(str(error)) from error
