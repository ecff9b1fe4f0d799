"""Builders of what a payment needs, made through the public API of a running stack."""

import itertools
import uuid
from dataclasses import dataclass

from devstack.client import Client, Customer, Document, order_body

_numbers = itertools.count(1)
# Tests share one running stack, so whoever is made in this run differs from everybody before.
_RUN = uuid.uuid4().hex[:8]


def an_email() -> str:
    """An address that nobody owns."""
    return f"someone.{_RUN}.{next(_numbers)}@example.com"


def a_customer(client: Client, *, balance: str = "1000.00", has_alias: bool = True) -> Customer:
    """A customer who can pay and, with an alias, be paid."""
    number = next(_numbers)
    person = {
        "name": f"Test Person {number}",
        "email": an_email(),
        "phone": f"+1{201 + number // 100}55501{number % 100:02d}",
    }
    if has_alias:
        return client.enrol_payer(**person, opening_balance=balance)
    customer = client.enrol(**person)
    account = client.open_account(customer, opening_balance=balance)
    return Customer(customer, account, person["name"], person["email"])


@dataclass(frozen=True)
class Pair:
    """A payer, a recipient, and the payer's payee entry for the recipient."""

    payer: Customer
    recipient: Customer
    payee: str

    def order(self, amount: str = "12.34", **fields: str) -> Document:
        return order_body(self.payer, self.payee, amount, **fields)


def a_pair(client: Client, *, balance: str = "1000.00") -> Pair:
    payer = a_customer(client, balance=balance)
    recipient = a_customer(client, balance="0.00")
    payee = client.add_payee(payer.id, name=recipient.name, email=recipient.email)
    return Pair(payer, recipient, payee)


def a_stranger_as_payee(client: Client, payer: Customer) -> tuple[str, str]:
    """A payee entry for an address nobody owns, and the address."""
    email = an_email()
    return client.add_payee(payer.id, name="Not Yet Here", email=email), email


def balance_of(client: Client, customer: Customer) -> tuple[str, str]:
    """Posted and held of the customer's account, as the API writes them."""
    account = client.account(customer.account)
    return account["posted"]["value"], account["held"]["value"]
