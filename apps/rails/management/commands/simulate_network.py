"""`manage.py simulate_network zelle|interfi`: the far side of a network, for sandboxes."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.rails.simulators.far_side import FAR_SIDES
from apps.rails.simulators.running import SandboxOnly, run


class Command(BaseCommand):
    help = (
        "Plays the far side of a network, until SIGTERM or SIGINT; sandboxes only. Takes messages by POST /messages "
        "at DPMS_<NETWORK>_URL, answers to DPMS_RAIL_GATEWAY_URL/inbox/<network> until that takes or refuses it, and "
        "keeps its books in data/networks/<network>.sqlite3 of the run directory. SIM-… words in a payment's reference "
        "tell it how to behave; /sandbox/… steers it (docs/reference/networks.md)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("network", choices=sorted(FAR_SIDES), help="which network to play")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            run(options["network"], settings.CONFIG)
        except SandboxOnly as error:
            raise CommandError(str(error)) from error
