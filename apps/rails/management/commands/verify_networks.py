"""`manage.py verify_networks`: one instruction an end-to-end id, receipts, and what networks say of both and money."""

import json
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from pymongo.client_session import ClientSession
from pymongo.database import Database

from apps.kernel.findings import Findings
from apps.ledger.domain.expected import lines_of
from apps.ledger.domain.internal import PREFIX, parsed
from apps.rails.domain.verify import Exchange
from apps.rails.domain.verify_positions import Moved, positions
from apps.rails.networks.registry import NETWORKS, url_of
from apps.transactions.domain.verify_money import expected_of
from apps.transactions.products.registry import PRODUCTS
from dpms_site import mongodb
from dpms_site.checks import COULD_NOT_CHECK, CheckCommand

Document = dict[str, Any]

WAIT_SECONDS = 20.0
ASK_AGAIN_SECONDS = 0.5
_BATCH = 2000
_FIELDS = ("direction", "network", "type", "end_to_end_id", "fields.amount")
_ORDER_FIELDS = (
    *("kind", "status", "final", "product", "end_to_end_id", "currency", "amount_minor"),
    *("debtor", "creditor", "account", "direction"),
    *("history.version", "history.status", "history.cause", "history.detail"),
)
_NETWORK_OF = {name: product.network for name, product in PRODUCTS.items()}
# Only these orders may have moved money on a network's accounts.
_AT_A_NETWORK: Document = {
    "$or": [{"kind": {"$in": ["receive", "return"]}}, {"history.status": "SUBMITTED"}]
}
# Still open at the network; a credit that is frozen by law stays so.
_UNDER_WAY = frozenset({"SUBMITTED", "INVESTIGATE", "PENDING", "BLOCKED"})


def check_messages(db: Database[Document], session: ClientSession, *, into: Findings) -> Exchange:
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


def check_networks(into: Findings, *, wait_seconds: float = WAIT_SECONDS) -> Findings:
    """Our messages, and for each simulated network what it knows of them and of money.

    A network and our orders may be a moment apart: what does not agree is read again, both of them, until it does or
    `wait_seconds` have passed. Raises CommandError when a network does not answer.
    """
    deadline = time.monotonic() + wait_seconds
    while True:
        found = Findings()
        _check_once(found)
        if not found.problems or time.monotonic() > deadline:
            into.checked |= found.checked
            into.problems += found.problems
            return into
        time.sleep(ASK_AGAIN_SECONDS)


def _check_once(into: Findings) -> None:
    # What a network knows is read first: our messages and orders, read after it, explain all of it.
    known = {name: known_of(name) for name in simulated()}
    into.count("instructions", sum(len(each["instructions"]) for each in known.values()))
    db = mongodb.database()
    with mongodb.client().start_session(snapshot=True) as session:
        exchange = check_messages(db, session, into=into)
        moved = list(_moved(db, session)) if known else []
        stands = _settlement(db, session)
    for name, told in known.items():
        instructions = told["instructions"]
        into.problems += exchange.known(name, instructions)
        into.problems += exchange.untold(name, known_of(name)["instructions"])
        into.problems += positions(
            name,
            instructions,
            moved,
            stands=stands[name],
            told=told["position_minor"],
            unheard=exchange.unheard(name),
            brings_more=told["outbox"].get("WAITING", 0) > 0,
        )


def _moved(db: Database[Document], session: ClientSession) -> Iterator[Moved]:
    for order in db.orders.find(_AT_A_NETWORK, _ORDER_FIELDS, session=session, batch_size=_BATCH):
        try:
            expected = expected_of(order, _NETWORK_OF)
            lines = [line for version in expected.kinds for line in lines_of(expected, version)]
        except (KeyError, TypeError):
            continue  # verify_orders and verify_ledger name what can't be read
        ours = f"{PREFIX}settlement_"
        is_open = order["kind"] == "return" and not order["final"]
        yield Moved(
            network=str(expected.network),
            end_to_end_id=order.get("end_to_end_id") or order["_id"].partition("_")[2],
            currency=order["currency"],
            amount_minor=sum(amount for account, _, amount in lines if account.startswith(ours)),
            is_under_way=is_open or order["status"] in _UNDER_WAY,
        )


def _settlement(db: Database[Document], session: ClientSession) -> dict[str, dict[str, int]]:
    """What stands on each network's settlement accounts, by currency."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    own = {"purpose": "settlement"}
    for account in db.accounts.find(own, {"posted_minor": 1}, session=session):
        name = parsed(account["_id"])
        found[str(name.network)][name.currency] += account["posted_minor"]
    return found


def is_configured() -> bool:
    """Whether the platform knows the address of any network."""
    return any(url_of(name, settings.CONFIG) for name in NETWORKS)


def simulated() -> list[str]:
    """Networks that tell everything they know: a sandbox's own."""
    config = settings.CONFIG
    return [name for name in NETWORKS if config.is_sandbox and url_of(name, config)]


def known_of(name: str) -> Document:
    """The network's instructions, position and outbox. Raises CommandError when it does not answer."""
    url = f"{url_of(name, settings.CONFIG)}/sandbox/instructions"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - a setting of ours
            found: Document = json.loads(answer.read())
    except OSError as error:
        detail = f"could not check: {name}: {error}"
        raise CommandError(detail, returncode=COULD_NOT_CHECK) from error
    return found


class Command(CheckCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--wait",
            type=float,
            default=WAIT_SECONDS,
            metavar="SECONDS",
            help="how long a network and our orders may take to agree (default %(default)s)",
        )

    def findings(
        self,
        db: Database[Document],  # noqa: ARG002 - each look takes a snapshot of its own
        session: ClientSession,  # noqa: ARG002
        into: Findings,
        **options: Any,
    ) -> None:
        check_networks(into, wait_seconds=options["wait"])
