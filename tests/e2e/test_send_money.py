"""A payment between two customers of ours, through HTTP only: what a customer's app can rely on."""

import uuid
from concurrent.futures import ThreadPoolExecutor

from devstack.client import Client, order_body
from tests.support.api_client import (
    a_customer,
    a_pair,
    a_stranger_as_payee,
    an_email,
    balance_of,
)


def test_is_final_and_moves_both_balances(client: Client) -> None:
    pair = a_pair(client, balance="1000.00")

    accepted = client.send(pair.order("12.34"))
    order = client.wait_final(accepted["id"])

    assert (accepted["status"], accepted["iso_status"]) == ("RECEIVED", "RCVD")
    assert (order["status"], order["iso_status"], order["reason"]) == ("COMPLETED", "ACCC", None)
    assert balance_of(client, pair.payer) == ("987.66", "0.00")
    assert balance_of(client, pair.recipient) == ("12.34", "0.00")


def test_tells_its_history_step_by_step(client: Client) -> None:
    pair = a_pair(client)

    order = client.wait_final(client.send(pair.order())["id"])
    events = client.events(order["id"])

    assert [event["status"] for event in events] == [
        "RECEIVED",
        "VALIDATED",
        "FUNDED",
        "COMPLETED",
    ]
    assert [event["version"] for event in events] == [1, 2, 3, 4]
    assert order["version"] == 4
    assert all(event["sentence"] and event["at"] for event in events)


def test_same_key_and_body_gives_the_same_answer_and_pays_once(client: Client) -> None:
    pair = a_pair(client, balance="100.00")
    key, body = str(uuid.uuid4()), pair.order("10.00")

    first = client.call("POST", "/api/v1/orders", body, key=key)
    client.wait_final(first.body["id"])
    again = client.call("POST", "/api/v1/orders", body, key=key)

    assert (again.status, again.body) == (201, first.body)
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert balance_of(client, pair.payer) == ("90.00", "0.00")


def test_same_key_from_many_at_once_is_one_order(client: Client) -> None:
    pair = a_pair(client, balance="100.00")
    key, body = str(uuid.uuid4()), pair.order("10.00")

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: client.call("POST", "/api/v1/orders", body, key=key), range(16))
        )
    client.wait_final(answers[0].body["id"])

    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["id"] for answer in answers}) == 1
    assert balance_of(client, pair.payer) == ("90.00", "0.00")


def test_same_key_with_another_body_is_refused(client: Client) -> None:
    pair = a_pair(client, balance="100.00")
    key = str(uuid.uuid4())
    first = client.send(pair.order("10.00"), key=key)

    other = client.call("POST", "/api/v1/orders", pair.order("11.00"), key=key)

    assert other.status == 422
    assert client.wait_final(first["id"])["amount"] == {"value": "10.00", "currency": "USD"}
    assert balance_of(client, pair.payer) == ("90.00", "0.00")


def test_no_key_is_refused(client: Client) -> None:
    pair = a_pair(client, balance="100.00")

    answer = client.call("POST", "/api/v1/orders", pair.order("10.00"))

    assert answer.status == 400
    assert balance_of(client, pair.payer) == ("100.00", "0.00")


def test_is_rejected_over_the_limit(client: Client) -> None:
    pair = a_pair(client, balance="9000.00")

    order = client.wait_final(client.send(pair.order("5000.01"))["id"])

    assert (order["status"], order["iso_status"], order["reason"]) == ("REJECTED", "RJCT", "AM14")
    assert balance_of(client, pair.payer) == ("9000.00", "0.00")
    assert balance_of(client, pair.recipient) == ("0.00", "0.00")


def test_is_paid_at_the_limit(client: Client) -> None:
    pair = a_pair(client, balance="9000.00")

    order = client.wait_final(client.send(pair.order("5000.00"))["id"])

    assert order["status"] == "COMPLETED"
    assert balance_of(client, pair.payer) == ("4000.00", "0.00")


def test_is_rejected_without_funds(client: Client) -> None:
    pair = a_pair(client, balance="10.00")

    order = client.wait_final(client.send(pair.order("10.01"))["id"])

    assert (order["status"], order["reason"]) == ("REJECTED", "AM04")
    assert balance_of(client, pair.payer) == ("10.00", "0.00")


def test_orders_at_once_spend_no_more_than_there_is(client: Client) -> None:
    pair = a_pair(client, balance="1000.00")

    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(lambda _: client.send(pair.order("300.00")), range(10)))
    orders = [client.wait_final(order["id"]) for order in sent]

    outcomes = sorted((order["status"], order["reason"]) for order in orders if order["reason"])
    assert outcomes == [("REJECTED", "AM04")] * 7
    assert balance_of(client, pair.payer) == ("100.00", "0.00")
    assert balance_of(client, pair.recipient) == ("900.00", "0.00")


def test_waits_for_an_unknown_address_and_completes_when_it_is_enrolled(client: Client) -> None:
    payer = a_customer(client, balance="50.00")
    payee, email = a_stranger_as_payee(client, payer)

    sent = client.send(order_body(payer, payee, "20.00"))
    waiting = client.wait_status(sent["id"], "AWAITING_CLAIM")
    held = balance_of(client, payer)
    recipient = client.enrol_payer(
        name="Now Here", email=email, phone="+12025550100", opening_balance="0.00"
    )
    order = client.wait_final(sent["id"])

    assert (waiting["iso_status"], waiting["final"]) == ("PDNG", False)
    assert held == ("50.00", "20.00")
    assert (order["status"], order["iso_status"]) == ("COMPLETED", "ACCC")
    assert balance_of(client, payer) == ("30.00", "0.00")
    assert balance_of(client, recipient) == ("20.00", "0.00")


def test_no_claim_is_missed_when_the_address_is_enrolled_meanwhile(client: Client) -> None:
    payer = a_customer(client, balance="1000.00")
    recipient = a_customer(client, balance="0.00")
    emails = [an_email() for _ in range(20)]
    payees = [client.add_payee(payer.id, name=recipient.name, email=email) for email in emails]

    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(client.send, order_body(payer, payee, "1.00")) for payee in payees]
        for email in emails:
            pool.submit(client.activate_alias, recipient.id, email=email, account=recipient.account)
    orders = [client.wait_final(future.result()["id"]) for future in sent]

    assert {order["status"] for order in orders} == {"COMPLETED"}
    assert balance_of(client, payer) == ("980.00", "0.00")
    assert balance_of(client, recipient) == ("20.00", "0.00")


def test_cancel_frees_the_held_funds_and_a_second_cancel_is_refused(client: Client) -> None:
    payer = a_customer(client, balance="50.00")
    payee, _ = a_stranger_as_payee(client, payer)
    sent = client.send(order_body(payer, payee, "20.00"))
    client.wait_status(sent["id"], "AWAITING_CLAIM")

    first = client.wait_command(client.cancel(sent["id"], reason="Wrong address")["id"])
    order = client.order(sent["id"])
    second = client.wait_command(client.cancel(sent["id"], reason="Once more")["id"])

    assert (first["state"], second["state"]) == ("APPLIED", "REFUSED")
    assert second["reason"]
    assert (order["status"], order["iso_status"]) == ("CANCELLED", "CANC")
    assert client.order(sent["id"]) == order
    assert balance_of(client, payer) == ("50.00", "0.00")


def test_cancel_of_a_completed_payment_is_refused_and_changes_nothing(client: Client) -> None:
    pair = a_pair(client, balance="50.00")
    order = client.wait_final(client.send(pair.order("20.00"))["id"])

    command = client.wait_command(client.cancel(order["id"], reason="Too late")["id"])

    assert command["state"] == "REFUSED"
    assert client.order(order["id"]) == order
    assert balance_of(client, pair.payer) == ("30.00", "0.00")


def test_likely_duplicate_is_held_and_can_be_cancelled(client: Client) -> None:
    pair = a_pair(client, balance="100.00")
    body = pair.order("10.00", reference="Invoice 7")
    client.wait_final(client.send(body)["id"])

    second = client.send(body)
    held = client.wait_status(second["id"], "HELD")
    balances_held = balance_of(client, pair.payer)
    client.cancel(second["id"], reason="Sent twice")
    order = client.wait_final(second["id"])

    assert (held["iso_status"], held["final"]) == ("PDNG", False)
    assert balances_held == ("90.00", "0.00")
    assert order["status"] == "CANCELLED"
    assert balance_of(client, pair.payer) == ("90.00", "0.00")


def test_same_amount_without_a_reference_is_no_duplicate(client: Client) -> None:
    pair = a_pair(client, balance="100.00")

    sent = [client.send(pair.order("10.00")) for _ in range(2)]

    assert {client.wait_final(order["id"])["status"] for order in sent} == {"COMPLETED"}
    assert balance_of(client, pair.payer) == ("80.00", "0.00")


def test_a_batch_is_accepted_and_refused_order_by_order(client: Client) -> None:
    pair = a_pair(client, balance="1000.00")
    good = [{"idempotency_key": str(uuid.uuid4()), **pair.order("1.00")} for _ in range(100)]
    bad = {"idempotency_key": str(uuid.uuid4()), **pair.order("1.001")}

    answer = client.call("POST", "/api/v1/orders/batch", {"orders": [*good[:50], bad, *good[50:]]})
    results = answer.body["results"]
    accepted = [result["order"] for result in results if result["status"] == 201]
    orders = [client.wait_final(order["id"]) for order in accepted]

    assert answer.status == 207
    assert [result["status"] for result in results].index(results[50]["status"]) == 50
    assert 400 <= results[50]["status"] < 500
    assert results[50]["problem"]["code"]
    assert len({order["id"] for order in orders}) == 100
    assert {order["status"] for order in orders} == {"COMPLETED"}
    assert balance_of(client, pair.payer) == ("900.00", "0.00")
    assert balance_of(client, pair.recipient) == ("100.00", "0.00")
