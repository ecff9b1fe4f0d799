"""Trust in payees over the API: earned by age and payments, lost with the alias, taken and given back by the bank."""

from datetime import timedelta

import pytest
from pymongo.database import Database

from apps.kernel.clock import wall_clock
from apps.parties.domain.payee_stats import PayeeStats, as_document
from devstack.client import Customer, Document
from tests.support.api_client import Pair, a_customer
from tests.support.builders import an_api_client, assert_problem
from tests.support.site_client import SiteClient


@pytest.fixture
def path(pair: Pair) -> str:
    return f"/api/v1/customers/{pair.payer.id}/payees/{pair.payee}"


@pytest.fixture
def trusted(pair: Pair, database: Database[Document]) -> Pair:
    """The pair after a month and five payments, as the SOR transaction would have kept them."""
    month_ago = wall_clock() - timedelta(days=31)
    database["payees"].update_one({"_id": pair.payee}, {"$set": {"known_since": month_ago}})
    stats = as_document(
        PayeeStats(completed=5),
        payee=pair.payee,
        customer=pair.payer.id,
        version=5,
        modified_by="stream:send_money#1",
    )
    database["payee_stats"].insert_one(stats)
    return pair


def _move_alias(api: SiteClient, old: Customer) -> Customer:
    """Another customer enrols the alias after its owner gave it up."""
    aliases = f"/api/v1/customers/{old.id}/aliases"
    for alias in api.get(aliases)["data"]:
        api.call("DELETE", f"{aliases}/{alias['id']}")
    new = a_customer(api)
    body = {"kind": "email", "value": old.email, "account": new.account}
    enrolled = api.post(f"/api/v1/customers/{new.id}/aliases", body)
    api.post(
        f"/api/v1/aliases/{enrolled['id']}/verify", {"code": enrolled["sandbox_code"]}, status=200
    )
    return new


@pytest.mark.usefixtures("trusted")
def test_is_earned_by_age_and_payments(api: SiteClient, pair: Pair, path: str) -> None:
    listed = api.get(f"/api/v1/customers/{pair.payer.id}/payees")["data"]

    assert api.get(path)["trust"] == "TRUSTED"
    assert [row["trust"] for row in listed] == ["TRUSTED"]


def test_is_new_when_the_alias_has_another_owner_and_a_check_begins_anew(
    api: SiteClient, trusted: Pair, path: str
) -> None:
    _move_alias(api, trusted.recipient)

    moved = api.get(path)
    checked = api.post(f"{path}/check", {}, status=200)

    assert (moved["trust"], moved["name_check"]) == ("NEW", "MATCH")
    assert (checked["trust"], checked["name_check"]) == ("NEW", "CLOSE_MATCH")
    assert checked["version"] == 2
    assert checked["checked_at"] == checked["modified_at"]


def test_a_first_owner_is_no_move(api: SiteClient, pair: Pair) -> None:
    payees = f"/api/v1/customers/{pair.payer.id}/payees"
    email = "not.yet.here@example.com"
    added = api.post(payees, {"name": "Not Yet", "alias": {"kind": "email", "value": email}})
    newcomer = a_customer(api)
    body = {"kind": "email", "value": email, "account": newcomer.account}
    alias = api.post(f"/api/v1/customers/{newcomer.id}/aliases", body)
    api.post(f"/api/v1/aliases/{alias['id']}/verify", {"code": alias["sandbox_code"]}, status=200)

    checked = api.post(f"{payees}/{added['id']}/check", {}, status=200)

    assert (added["name_check"], checked["name_check"]) == ("UNAVAILABLE", "NO_MATCH")


class TestASuspension:
    def test_holds_until_the_bank_reinstates_and_then_age_and_payments_count_anew(
        self, api: SiteClient, trusted: Pair, path: str, database: Database[Document]
    ) -> None:
        suspended = api.post(f"{path}/suspend", {"reason": "reported"}, status=200)
        checked = api.post(f"{path}/check", {}, status=200)
        reinstated = api.post(f"{path}/reinstate", {"reason": "talked to the customer"}, status=200)

        assert (suspended["trust"], suspended["status"]) == ("SUSPENDED", "SUSPENDED")
        assert checked["trust"] == "SUSPENDED"
        assert (reinstated["trust"], reinstated["status"]) == ("NEW", "ACTIVE")
        stored = database["payees"].find_one({"_id": trusted.payee}) or {}
        assert stored["counted_from"] == {"completed": 5, "returned": 0}
        assert stored["reason"] == "talked to the customer"

    def test_is_refused_twice_and_so_is_a_reinstatement_of_nobody(
        self, api: SiteClient, path: str
    ) -> None:
        early = api.call("POST", f"{path}/reinstate", {"reason": "x"})
        api.post(f"{path}/suspend", {"reason": "x"}, status=200)
        again = api.call("POST", f"{path}/suspend", {"reason": "x"})

        assert_problem(early, 409, "payee_not_suspended")
        assert_problem(again, 409, "payee_suspended")

    def test_keeps_orders_from_being_accepted(self, api: SiteClient, pair: Pair, path: str) -> None:
        api.post(f"{path}/suspend", {"reason": "x"}, status=200)

        answer = api.call("POST", "/api/v1/orders", pair.order(), key="k1")

        assert_problem(answer, 409, "payee_suspended", "/payee")

    @pytest.mark.parametrize("is_removed_before", [True, False])
    def test_is_not_shaken_off_by_adding_the_payee_again(
        self, api: SiteClient, pair: Pair, path: str, is_removed_before: bool
    ) -> None:
        api.post(f"{path}/suspend", {"reason": "x"}, status=200)
        if is_removed_before:
            api.call("DELETE", path)

        alias = {"kind": "email", "value": pair.recipient.email}
        body = {"name": "Another Name", "alias": alias, "allow_duplicate": True}
        again = api.post(f"/api/v1/customers/{pair.payer.id}/payees", body)

        assert (again["trust"], again["status"]) == ("SUSPENDED", "SUSPENDED")

    def test_comes_by_itself_with_the_third_returned_payment(
        self, api: SiteClient, trusted: Pair, path: str, database: Database[Document]
    ) -> None:
        database["payee_stats"].update_one({"_id": trusted.payee}, {"$set": {"returned": 3}})

        before = api.get(path)
        reinstated = api.post(f"{path}/reinstate", {"reason": "looked into"}, status=200)

        assert (before["trust"], reinstated["trust"]) == ("SUSPENDED", "NEW")

    def test_is_the_banks_alone(self, api: SiteClient, path: str) -> None:
        app = an_api_client("cli_app", scopes=("payees:read", "payees:write"))

        assert_problem(app.call("POST", f"{path}/suspend", {"reason": "x"}), 403, "scope_missing")
        assert api.get(path)["status"] == "ACTIVE"
