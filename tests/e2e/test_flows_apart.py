"""Each flow is a job of its own: one that ends leaves the others as they are, and is taken up where it stood."""

from devstack.client import Client
from streaming.flows.cluster import ALIVE, alive, jobs
from tests.faults.injections import all_run
from tests.faults.quiet import configuration
from tests.faults.redelivery import cancel
from tests.support.api_client import a_pair, balance_of
from tests.support.stack import Stack
from tests.support.waiting import wait_until


def test_money_is_sent_while_the_job_of_money_received_is_gone(
    stack: Stack, client: Client
) -> None:
    config, pair = configuration(stack), a_pair(client)
    others = {job.id for job in jobs(config) if job.state in ALIVE and job.name != "receive_money"}

    cancel(config, alive(config)["receive_money"])
    client.post(
        "/api/v1/sandbox/networks/zelle/payments",
        {
            "amount": {"value": "3.00", "currency": "USD"},
            "creditor": {"alias": f"email:{pair.recipient.email}", "name": pair.recipient.name},
        },
    )
    sent = client.wait_final(client.send(pair.order())["id"])

    assert sent["status"] == "COMPLETED"
    wait_until(lambda: all_run(config), 90, "receive_money runs again")
    found = wait_until(lambda: _received(client, pair.recipient.id), 30, "the money arrived")
    assert [order["status"] for order in found] == ["POSTED"]
    still = {job.id for job in jobs(config) if job.state in ALIVE and job.name != "receive_money"}
    assert still == others
    assert balance_of(client, pair.recipient) == ("15.34", "0.00")


def _received(client: Client, customer: str) -> list[dict[str, str]]:
    listed = client.get(f"/api/v1/orders?customer={customer}&kind=receive")["data"]
    return [order for order in listed if order["final"]]
