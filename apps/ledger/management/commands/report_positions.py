"""`manage.py report_positions`: what the bank owes each network, or is owed, at the end of a business day."""

import json
import sys
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.kernel.clock import rfc3339, wall_clock
from apps.kernel.errors import Invalid
from apps.kernel.money import decimal_string
from apps.ledger.domain.position import Position
from apps.ledger.positions import Report, business_days, report
from apps.ledger.serializers import positions_json
from dpms_site.checks import COULD_NOT_CHECK, or_could_not_check
from dpms_site.rest.query import day

PROVISIONAL = 1
EXIT_CODES = (
    "Exit code 0: the positions are final; 1: they are told but the day is not over, or ended a minute ago;"
    " 2: a bad argument, or MongoDB could not be read: nothing is told."
)


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, epilog=EXIT_CODES, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
        parser.add_argument(
            "--date", type=day, metavar="DAY", help="2026-01-31; the day that ended last by default"
        )
        parser.add_argument("--network", help="only this one")

    def handle(self, *_: Any, **options: Any) -> None:
        with or_could_not_check():
            found = self._report(options["date"], options["network"])
        if options["json"]:
            self.stdout.write(json.dumps(positions_json(found)))
        else:
            self.stdout.write("\n".join(_lines(found)))
        if found.is_provisional:
            sys.exit(PROVISIONAL)

    def _report(self, asked: date | None, network: str | None) -> Report:
        now = wall_clock()
        wanted = asked or business_days().day_of(now) - timedelta(days=1)
        try:
            return report(wanted, now=now, network=network)
        except Invalid as error:
            raise CommandError(error.detail, returncode=COULD_NOT_CHECK) from None


def _lines(found: Report) -> list[str]:
    """For people: a line a network and currency, then the day."""
    state = "provisional" if found.is_provisional else "final"
    span = f"{rfc3339(found.since)} to {rfc3339(found.until)}"
    told = [_line(position) for position in found.positions] or ["no network has an account"]
    return [*told, f"business day {found.day} ({found.zone}), {span}: {state}"]


def _line(position: Position) -> str:
    opening, change, closing = (
        decimal_string(amount_minor, position.currency)
        for amount_minor in (position.opening_minor, position.change_minor, position.closing_minor)
    )
    name = f"{position.network} {position.currency}"
    return f"{name}: opening {opening}, change {change}, closing {closing}"
