"""`manage.py verify_pipeline`: what MongoDB holds is covered in Kafka, each cause in Kafka applied once."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from pymongo.client_session import ClientSession
from pymongo.database import Database

from apps.kernel.findings import Findings
from dpms_site.checks import COULD_NOT_CHECK, CheckCommand
from streaming.checks.captured import COLLECTION_OF
from streaming.checks.pipeline import WAIT_SECONDS, PipelineCheck
from streaming.kafka.span import Span

Document = dict[str, Any]


def captured_topics() -> Span:
    """All captured topics from their beginning. Raises CommandError without an address of Kafka."""
    bootstrap = settings.CONFIG.kafka_bootstrap
    if not bootstrap:
        detail = "could not check: DPMS_KAFKA_BOOTSTRAP is not set and DPMS_DIR names no stack"
        raise CommandError(detail, returncode=COULD_NOT_CHECK)
    return Span(bootstrap=bootstrap, topics=COLLECTION_OF)


class Command(CheckCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--wait",
            type=float,
            default=WAIT_SECONDS,
            metavar="SECONDS",
            help="how long what is on its way may take to arrive (default %(default)s)",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        with captured_topics() as span:
            self.pipeline = PipelineCheck(span)
            super().handle(**options)

    def before(self, into: Findings, **_: Any) -> None:
        self.pipeline.read(into)

    def findings(
        self, db: Database[Document], session: ClientSession, into: Findings, **options: Any
    ) -> None:
        self.pipeline.check(db, session, into, wait_seconds=options["wait"])
