"""The same change event delivered again: everything before the system of record may repeat."""

from confluent_kafka import Message

from devstack.client import Client, order_body
from tests.support.api_client import a_customer, a_pair, a_stranger_as_payee, balance_of
from tests.support.audit import trail_of
from tests.support.stack import Stack
from tests.support.topics import Place, produce, read, wait_consumed
from tests.support.waiting import wait_until

GROUPS = ("send_money", "audit")


def test_of_an_order_changes_nothing(stack: Stack, client: Client) -> None:
    pair = a_pair(client, balance="100.00")
    order = client.wait_final(client.send(pair.order("10.00"))["id"])
    events = client.events(order["id"])
    with trail_of(stack) as trail:
        about = {"order": order["id"]}
        wait_until(lambda: trail.count_documents(about) == 3, 30, "its changes are recorded")
        entries = list(trail.find(about).sort("_id"))

    _deliver_again(stack, "dpms.cdc.orders", order["id"])

    assert client.order(order["id"]) == order
    assert client.events(order["id"]) == events
    with trail_of(stack) as trail:
        assert list(trail.find(about).sort("_id")) == entries
    assert balance_of(client, pair.payer) == ("90.00", "0.00")
    assert balance_of(client, pair.recipient) == ("10.00", "0.00")


def test_of_a_command_and_its_order_changes_nothing(stack: Stack, client: Client) -> None:
    payer = a_customer(client, balance="50.00")
    payee, _ = a_stranger_as_payee(client, payer)
    sent = client.send(order_body(payer, payee, "20.00"))
    client.wait_status(sent["id"], "AWAITING_CLAIM")
    command = client.wait_command(client.cancel(sent["id"], reason="Wrong address")["id"])
    order = client.order(sent["id"])

    _deliver_again(stack, "dpms.cdc.commands", command["id"])
    _deliver_again(stack, "dpms.cdc.orders", sent["id"])

    assert client.order(sent["id"]) == order
    assert client.get(f"/api/v1/commands/{command['id']}") == command
    assert balance_of(client, payer) == ("50.00", "0.00")


def test_of_an_alias_changes_nothing(stack: Stack, client: Client) -> None:
    payer = a_customer(client, balance="50.00")
    payee, email = a_stranger_as_payee(client, payer)
    sent = client.send(order_body(payer, payee, "20.00"))
    client.wait_status(sent["id"], "AWAITING_CLAIM")
    recipient = a_customer(client, balance="0.00")
    alias = client.activate_alias(recipient.id, email=email, account=recipient.account)
    order = client.wait_final(sent["id"])

    _deliver_again(stack, "dpms.cdc.aliases", alias)

    assert client.order(sent["id"]) == order
    assert balance_of(client, recipient) == ("20.00", "0.00")


def _deliver_again(stack: Stack, topic: str, document: str) -> None:
    """Every record of the document once more, byte for byte, oldest first, and wait until the flow has read them."""
    kafka = stack.status()["kafka"]

    def is_of_document(message: Message) -> bool:
        return document.encode() in (message.key() or b"")

    records = read(kafka, topic, is_of_document)
    assert records, f"no record of {document} in {topic}"
    places: list[Place] = [
        produce(
            kafka,
            topic,
            key=record.key() or b"",
            value=record.value(),
            partition=int(record.partition() or 0),
        )
        for record in records
    ]
    for group in GROUPS:
        wait_consumed(kafka, group, places[-1])
