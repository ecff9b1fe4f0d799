"""`manage.py verify_networks`: one instruction an end-to-end id, receipts, and what networks say of both."""

import json
import urllib.request
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from pymongo.client_session import ClientSession
from pymongo.database import Database

from apps.kernel.findings import Findings
from apps.rails.domain.verify import Exchange
from apps.rails.networks.registry import NETWORKS, url_of
from dpms_site.checks import COULD_NOT_CHECK, CheckCommand

Document = dict[str, Any]

_BATCH = 2000
_FIELDS = ("direction", "network", "type", "end_to_end_id", "fields.amount")


def check_networks(db: Database[Document], session: ClientSession, *, into: Findings) -> Exchange:
    """What our own messages and receipts show."""
    exchange = Exchange()
    for kind in ("messages", "receipts"):
        into.count(kind, 0)
    for message in db.rail_messages.find({}, _FIELDS, session=session, batch_size=_BATCH):
        into.count("messages")
        into.problems += exchange.message(message)
    for receipt in db.rail_receipts.find({}, {"state": 1}, session=session, batch_size=_BATCH):
        into.count("receipts")
        into.problems += exchange.receipt(receipt)
    return exchange


class Command(CheckCommand):
    help = __doc__

    def before(self, into: Findings, **_: Any) -> None:
        self.known = {name: instructions_of(name) for name in _simulated()}
        into.count("instructions", sum(len(each) for each in self.known.values()))

    def findings(
        self, db: Database[Document], session: ClientSession, into: Findings, **_: Any
    ) -> None:
        exchange = check_networks(db, session, into=into)
        for name, instructions in self.known.items():
            into.problems += exchange.known(name, instructions)
            into.problems += exchange.untold(name, instructions_of(name))


def _simulated() -> list[str]:
    """Networks that tell everything they know: a sandbox's own."""
    config = settings.CONFIG
    return [name for name in NETWORKS if config.is_sandbox and url_of(name, config)]


def instructions_of(name: str) -> list[Document]:
    url = f"{url_of(name, settings.CONFIG)}/sandbox/instructions"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - a setting of ours
            found: list[Document] = json.loads(answer.read())["instructions"]
    except OSError as error:
        detail = f"could not check: {name}: {error}"
        raise CommandError(detail, returncode=COULD_NOT_CHECK) from error
    return found
