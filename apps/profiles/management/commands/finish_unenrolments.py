"""`manage.py finish_unenrolments`: takes up un-enrolments that a crash left half done; safe to repeat."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.kernel.errors import Conflict
from apps.kernel.ids import new_id
from apps.profiles.selectors import unenrolling_since
from apps.profiles.unenrolment import unenrol_customer
from dpms_site.changes import Change
from dpms_site.clock import platform_clock

# A request is over long before that: the driver gives up on the database after 4 seconds.
OLD_SECONDS = 60


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than",
            type=int,
            default=OLD_SECONDS,
            metavar="SECONDS",
            help="only those that began so long ago (default %(default)s)",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        now = platform_clock()
        for customer in unenrolling_since(now - timedelta(seconds=options["older_than"])):
            # The reason stays the one that was given when it began.
            made = Change(
                by="clock:finish_unenrolments",
                at=now,
                request_id=new_id("req", now),
                reason=customer.reason,
            )
            try:
                left = unenrol_customer(
                    customer_id=customer.id, version=customer.version, made=made
                )
            except Conflict as refusal:
                self.stdout.write(f"{customer.id}  {refusal}")
            else:
                self.stdout.write(f"{left.id}  {left.status}")
