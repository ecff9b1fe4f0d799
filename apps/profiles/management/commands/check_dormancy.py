"""`manage.py check_dormancy`: customers without activity for some months, listed or suspended."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.kernel.clock import rfc3339
from apps.profiles.domain.dormancy import DORMANT_MONTHS
from apps.profiles.dormancy import dormant_customers, suspend_if_unchanged, suspension
from dpms_site.clock import platform_clock


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--months",
            type=int,
            default=DORMANT_MONTHS,
            help="calendar months without activity (default %(default)s)",
        )
        parser.add_argument("--suspend", action="store_true", help="suspend them")
        parser.add_argument("--json", action="store_true", help="one JSON object for each line")

    def handle(self, *_: Any, **options: Any) -> None:
        months = options["months"]
        if months < 1:
            raise CommandError("--months is at least 1")
        now = platform_clock()
        made = suspension(now=now, months=months)
        found = suspended = 0
        for customer in dormant_customers(now=now, months=months):
            found += 1
            is_suspended = options["suspend"] and suspend_if_unchanged(customer, made=made)
            suspended += is_suspended
            since = rfc3339(customer.active_since or customer.created_at)
            if options["json"]:
                told = {"customer": customer.id, "active_since": since, "suspended": is_suspended}
                self.stdout.write(json.dumps(told))
            else:
                word = "suspended" if is_suspended else "dormant"
                self.stdout.write(f"{customer.id}  {word}, active since {since}")
        if not options["json"]:
            self.stdout.write(
                f"{found} without activity for {months} months, {suspended} suspended"
            )
