"""`manage.py verify_all`: every checker, a line each; those that read MongoDB alone do so on one snapshot."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from pymongo.client_session import ClientSession

from apps.audit.management.commands.verify_audit import PATIENCE_SECONDS, check_audit
from apps.audit.selectors import trail
from apps.kernel.findings import Findings
from apps.ledger.management.commands.verify_ledger import check_ledger
from apps.rails.management.commands.verify_networks import check_networks, is_configured
from apps.transactions.management.commands.verify_idempotency import check_idempotency
from apps.transactions.management.commands.verify_orders import check_orders
from apps.transactions.management.commands.verify_pipeline import captured_topics
from dpms_site import mongodb
from dpms_site.checks import EXIT_CODES, PROBLEMS, or_could_not_check, told_while_running
from streaming.checks.pipeline import WAIT_SECONDS, PipelineCheck

# Of one checker's problems so many are shown; --json has them all.
SHOWN_MAX = 20

_NO_NETWORK = "no network is configured"


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, epilog=EXIT_CODES, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
        parser.add_argument(
            "--wait",
            type=float,
            default=WAIT_SECONDS,
            metavar="SECONDS",
            help="how long capture, flows and trail may take to arrive (default %(default)s)",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        self.is_json = options["json"]
        self.told: dict[str, dict[str, object]] = {}
        with or_could_not_check(), captured_topics() as span:
            self._check_all(PipelineCheck(span), options["wait"])
        if self.is_json:
            self.stdout.write(json.dumps(self.told))
        if any(told["problems"] for told in self.told.values()):
            sys.exit(PROBLEMS)

    def _check_all(self, pipeline: PipelineCheck, wait_seconds: float) -> None:
        db = mongodb.database()
        # Kafka is read first: what it holds then, the snapshot knows.
        of_pipeline, started = Findings(), time.monotonic()
        with told_while_running(of_pipeline):
            pipeline.read(of_pipeline)
        read_seconds = time.monotonic() - started
        with mongodb.client().start_session(snapshot=True) as session:
            self._run("verify_orders", lambda into: check_orders(db, session, into=into))
            self._run("verify_ledger", lambda into: check_ledger(db, session, into=into))
            self._run("verify_idempotency", lambda into: check_idempotency(db, session, into=into))
            self._run_pipeline(pipeline, session, of_pipeline, wait_seconds, read_seconds)
        patience = max(wait_seconds, PATIENCE_SECONDS)
        self._run(
            "verify_audit",
            lambda into: check_audit(trail(), db, patience_seconds=patience, into=into),
        )
        self._run_networks(wait_seconds)

    def _run_networks(self, wait_seconds: float) -> None:
        """Last: one that does not answer ends the command, and what the others found is told by then."""
        if is_configured():
            self._run(
                "verify_networks", lambda into: check_networks(into, wait_seconds=wait_seconds)
            )
            return
        self.told["verify_networks"] = {**Findings().as_dict(), "skipped": _NO_NETWORK}
        if not self.is_json:
            self.stdout.write(f"{'verify_networks':<19}  skipped  {_NO_NETWORK}")

    def _run_pipeline(
        self,
        pipeline: PipelineCheck,
        session: ClientSession,
        found: Findings,
        wait_seconds: float,
        read_seconds: float,
    ) -> None:
        self._run(
            "verify_pipeline",
            lambda into: pipeline.check(
                mongodb.database(), session, into, wait_seconds=wait_seconds
            ),
            found,
            read_seconds,
        )

    def _run(
        self,
        name: str,
        check: Callable[[Findings], Findings],
        found: Findings | None = None,
        seconds: float = 0.0,
    ) -> None:
        """Runs one checker and tells its line; `seconds` is what it took before."""
        into, started = found or Findings(), time.monotonic()
        with told_while_running(into):
            check(into)
        seconds += time.monotonic() - started
        self.told[name] = {**into.as_dict(), "seconds": round(seconds, 1)}
        if not self.is_json:
            self._tell(name, into, seconds)

    def _tell(self, name: str, found: Findings, seconds: float) -> None:
        *problems, verdict = found.lines()
        self.stdout.write(f"{name:<19}{seconds:6.1f} s  {verdict}")
        for line in problems[:SHOWN_MAX]:
            self.stdout.write(f"  {line}")
        if len(problems) > SHOWN_MAX:
            self.stdout.write(f"  and {len(problems) - SHOWN_MAX} more: see manage.py {name}")
        self.stdout.flush()
