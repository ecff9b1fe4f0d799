"""`manage.py finish_unenrolments`: takes up un-enrolments that a crash left half done, as the clock does by itself."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.profiles.unfinished import OLD_SECONDS, finish_unenrolments
from dpms_site.clock import platform_clock


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
        for told in finish_unenrolments(now=platform_clock(), older_seconds=options["older_than"]):
            self.stdout.write(told)
