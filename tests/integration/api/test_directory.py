"""The alias directory: our own aliases first, else a network's answer, kept for a while with its age."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from pymongo.database import Database

from apps.kernel.clock import wall_clock
from apps.parties import directory
from apps.parties.domain.directory import DirectoryUnavailable, NetworkAnswer
from devstack.client import Document
from tests.support.api_client import Pair
from tests.support.builders import assert_problem
from tests.support.clock import frozen_at
from tests.support.site_client import SiteClient

DIRECTORY = "/api/v1/directory"
ELSEWHERE = "bob@elsewhere.example"
BOB = NetworkAnswer("021000021", "A Bank Elsewhere", "Bob Brown")


@dataclass
class Network:
    """A network's directory that knows these, counts who asks, and can fall silent."""

    members: dict[str, NetworkAnswer] = field(default_factory=dict)
    is_silent: bool = False
    asked: int = 0

    def __call__(self, _kind: str, value: str) -> NetworkAnswer | None:
        self.asked += 1
        if self.is_silent:
            raise DirectoryUnavailable("no answer")
        return self.members.get(value)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    found = Network({ELSEWHERE: BOB})
    monkeypatch.setattr(directory, "_LOOKUPS", {})
    directory.register_lookup("zelle", found)
    return found


@pytest.fixture
def look(api: SiteClient) -> Callable[[str], Document]:
    return lambda email: api.get(f"{DIRECTORY}?kind=email&value={email}")


def test_our_own_alias_is_told_by_its_masked_account_without_asking_anybody(
    api: SiteClient, pair: Pair, network: Network, look: Callable[[str], Document]
) -> None:
    number = api.account(pair.recipient.account)["number"]

    listing = look(pair.recipient.email.upper())

    assert listing == {
        "kind": "email",
        "value": pair.recipient.email,
        "served_by": "ON_US",
        "network": None,
        "bank": None,
        "account": number,
        "looked_up_at": None,
        "age_seconds": None,
        "expires_at": None,
        "is_stale": False,
    }
    assert network.asked == 0
    assert pair.recipient.name not in str(listing)


def test_a_networks_answer_is_kept_and_its_age_shown(
    network: Network, look: Callable[[str], Document]
) -> None:
    now = wall_clock()

    first = look(ELSEWHERE)
    with frozen_at(now + timedelta(minutes=5)):
        second = look(ELSEWHERE)

    assert first["bank"] == {"routing_number": "021000021", "name": "A Bank Elsewhere"}
    assert (first["served_by"], first["network"], first["account"]) == ("NETWORK", "zelle", None)
    assert second["looked_up_at"] == first["looked_up_at"]
    assert 290 <= second["age_seconds"] <= 300
    assert network.asked == 1
    assert "Bob" not in str(first)


def test_is_asked_again_after_an_hour_and_an_older_answer_stands_in_for_a_silent_network(
    network: Network, look: Callable[[str], Document], database: Database[Document]
) -> None:
    look(ELSEWHERE)
    hour_ago = wall_clock() - timedelta(minutes=61)
    times = {"looked_up_at": hour_ago, "expires_at": hour_ago + timedelta(hours=1)}
    database["directory_entries"].update_one({}, {"$set": times})

    network.is_silent = True
    stale = look(ELSEWHERE)
    network.is_silent = False
    fresh = look(ELSEWHERE)

    assert (stale["served_by"], stale["is_stale"]) == ("NETWORK", True)
    assert stale["age_seconds"] >= 3_660
    assert (fresh["served_by"], fresh["is_stale"]) == ("NETWORK", False)
    assert fresh["age_seconds"] < 60
    assert network.asked == 3


def test_nobody_and_not_known_are_two_answers(
    network: Network, look: Callable[[str], Document]
) -> None:
    nobody = look("nobody@elsewhere.example")
    network.is_silent = True

    assert nobody["served_by"] == "NOBODY"
    assert look("nobody@elsewhere.example")["served_by"] == "NOBODY"
    assert look("another@elsewhere.example")["served_by"] == "UNKNOWN"


def test_a_payees_name_is_compared_with_the_networks_and_a_move_to_another_bank_shows(
    api: SiteClient, pair: Pair, network: Network, database: Database[Document]
) -> None:
    payees = f"/api/v1/customers/{pair.payer.id}/payees"
    alias = {"kind": "email", "value": ELSEWHERE}
    added = api.post(payees, {"name": "Bob Brown", "alias": alias})
    long_ago = wall_clock() - timedelta(days=2)
    database["payees"].update_one({"_id": added["id"]}, {"$set": {"known_since": long_ago}})
    network.members[ELSEWHERE] = NetworkAnswer("011401533", "Another Bank", "Rob Brown")

    checked = api.post(f"{payees}/{added['id']}/check", {}, status=200)

    stored = database["payees"].find_one({"_id": added["id"]}) or {}
    assert (added["name_check"], checked["name_check"]) == ("MATCH", "CLOSE_MATCH")
    assert stored["owner"] == "zelle:011401533"
    assert stored["known_since"] > long_ago


def test_a_check_while_the_network_is_silent_leaves_the_outcome_and_its_time(
    api: SiteClient, pair: Pair, network: Network
) -> None:
    payees = f"/api/v1/customers/{pair.payer.id}/payees"
    alias = {"kind": "email", "value": ELSEWHERE}
    added = api.post(payees, {"name": "Bob Brown", "alias": alias})
    with_nobody_kept = {"kind": "email", "value": "x@elsewhere.example"}
    network.is_silent = True
    unknown = api.post(payees, {"name": "X", "alias": with_nobody_kept})

    checked = api.post(f"{payees}/{unknown['id']}/check", {}, status=200)

    assert (added["name_check"], unknown["name_check"]) == ("MATCH", "UNAVAILABLE")
    assert checked == unknown


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("?kind=email", "query_invalid"),
        ("?value=a@example.com", "query_invalid"),
        ("?kind=fax&value=1", "query_invalid"),
        ("?kind=email&value=nobody", "alias_malformed"),
        ("?kind=email&value=a@example.com&owner=1", "query_invalid"),
        ("?kind[$ne]=email&value=a@example.com", "query_invalid"),
    ],
)
def test_refuses(api: SiteClient, network: Network, asked: str, code: str) -> None:
    answer = api.call("GET", f"{DIRECTORY}{asked}")

    assert_problem(answer, 400, code)
    assert network.asked == 0
