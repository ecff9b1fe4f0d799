"""What the platform's checkers share as commands: one snapshot, lines or JSON, and exit codes for scripts."""

import sys
from abc import abstractmethod
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import PyMongoError

from apps.kernel.findings import Findings
from dpms_site import mongodb

PROBLEMS = 1
COULD_NOT_CHECK = 2


class CheckCommand(BaseCommand):
    """Exit code 0: no problem; 1: problems; 2: MongoDB could not be read, so nothing is known."""

    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            with mongodb.client().start_session(snapshot=True) as session:
                findings = self.findings(mongodb.database(), session, **options)
        except PyMongoError as error:
            raise CommandError(f"could not check: {error}", returncode=COULD_NOT_CHECK) from error
        told = findings.as_json() if options["json"] else "\n".join(findings.lines())
        self.stdout.write(told)
        if findings.problems:
            sys.exit(PROBLEMS)

    @abstractmethod
    def findings(
        self, db: Database[mongodb.Document], session: ClientSession, **options: Any
    ) -> Findings:
        """What one snapshot of the database shows."""
