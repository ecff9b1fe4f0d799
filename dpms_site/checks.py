"""What the platform's checkers share as commands: one snapshot, lines or JSON, progress, and exit codes for scripts."""

import sys
import threading
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymongo
from confluent_kafka import KafkaException
from django.core.management.base import BaseCommand, CommandError, CommandParser
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import PyMongoError

from apps.kernel.findings import Findings
from dpms_site import mongodb

PROBLEMS = 1
COULD_NOT_CHECK = 2
EXIT_CODES = (
    "Exit code 0: no problem; 1: problems, each of them told;"
    " 2: something could not be read, so nothing is known."
)
_PROGRESS_SECONDS = 1.0


class CheckCommand(BaseCommand):
    """A checker as a command; `findings` is what it does."""

    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, epilog=EXIT_CODES, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *_: Any, **options: Any) -> None:
        into = Findings()
        with or_could_not_check(), told_while_running(into):
            self.before(into, **options)
            with mongodb.client().start_session(snapshot=True) as session:
                self.findings(mongodb.database(), session, into, **options)
        self.tell(into, **options)

    def tell(self, found: Findings, **options: Any) -> None:
        """Writes what was found, and ends with PROBLEMS when there is any."""
        self.stdout.write(found.as_json() if options["json"] else "\n".join(found.lines()))
        if found.problems:
            sys.exit(PROBLEMS)

    def before(self, into: Findings, **options: Any) -> None:
        """What must be read before the snapshot is taken."""

    @abstractmethod
    def findings(
        self,
        db: Database[mongodb.Document],
        session: ClientSession,
        into: Findings,
        **options: Any,
    ) -> None:
        """Puts what one snapshot of the database shows into `into`."""


@contextmanager
def or_could_not_check() -> Iterator[None]:
    """Ends the command with COULD_NOT_CHECK when MongoDB or Kafka can't be read.

    One read of a checker may take longer than a web request may: once MongoDB has answered, no time-out holds.
    """
    try:
        mongodb.client().admin.command("ping")
        with pymongo.timeout(0):
            yield
    except (PyMongoError, KafkaException) as error:
        raise CommandError(f"could not check: {error}", returncode=COULD_NOT_CHECK) from error


@contextmanager
def told_while_running(findings: Findings) -> Iterator[None]:
    """Once a second says on a terminal's standard error how much was looked at; elsewhere says nothing."""
    if not sys.stderr.isatty():
        yield
        return
    done = threading.Event()

    def tell() -> None:
        while not done.wait(_PROGRESS_SECONDS):
            # A copy, since the checker goes on counting.
            sys.stderr.write(f"\r\033[K{Findings(dict(findings.checked)).looked_at()}")
            sys.stderr.flush()

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()
