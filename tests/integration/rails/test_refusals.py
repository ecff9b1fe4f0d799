"""A message that its network refuses on the wire …"""

from typing import Any

import pytest
from pymongo.database import Database

from apps.rails.gateway.lane import Lane
from apps.rails.networks.adapter import Answer, Unreachable
from apps.rails.networks.registry import NETWORKS
from tests.integration.rails.town import ORDER, ROUTE, a_payment, sends
from tests.support.rails import NOW, a_request

Document = dict[str, Any]


class Refusing:
    """A network that answers every message with this status, or is away."""

    network = NETWORKS["zelle"]

    def __init__(self) -> None:
        self.http_status = 422
        self.is_away = False

    def send(self, _xml: str) -> Answer:
        if self.is_away:
            raise Unreachable("it is away")
        return Answer(is_taken=False, http_status=self.http_status, text="x" * 400)


@pytest.fixture
def network() -> Refusing:
    return Refusing()


@pytest.fixture
def lane(database: Database[Document], network: Refusing) -> Lane:
    return Lane(database, network, clock=lambda: NOW)  # type: ignore[arg-type]  # all that a lane needs


def told(database: Database[Document]) -> list[Document]:
    return list(database.commands.find())


@pytest.mark.parametrize("http_status", [400, 413, 415, 422])
def test_for_its_very_bytes_is_told_to_its_order_once(
    database: Database[Document], lane: Lane, network: Refusing, http_status: int
) -> None:
    network.http_status = http_status
    message = sends(database, a_payment())

    network.is_away = True
    with pytest.raises(Unreachable):
        lane.send(message)
    network.is_away = False
    lane.send(message)
    database.rail_receipts.delete_many({})  # as if the gateway had died before the receipt
    lane.send(message)

    (command,) = told(database)
    assert (command["type"], command["kind"], command["order"]) == ("not_taken", "send", ORDER)
    assert (command["actor"], command["route"]) == ({"kind": "network", "id": "zelle"}, ROUTE)
    assert command["iso_reason"] == "NARR"
    assert command["reason"].startswith("not taken by the network: xxx")
    assert len(command["reason"]) == 200
    assert database.rail_receipts.count_documents({"state": "REFUSED"}) == 1


@pytest.mark.parametrize("http_status", [401, 403, 404, 405, 409, 410])
def test_for_anything_else_is_left_to_the_enquiry(
    database: Database[Document], lane: Lane, network: Refusing, http_status: int
) -> None:
    network.http_status = http_status

    lane.send(sends(database, a_payment()))

    assert told(database) == []
    assert database.rail_receipts.count_documents({"state": "REFUSED"}) == 1


def test_and_is_no_payment_is_left_to_its_deadline(
    database: Database[Document], lane: Lane
) -> None:
    lane.send(sends(database, a_request()))

    assert told(database) == []
