"""What one story is about: Ann, whose bank this is, Bob, who banks here too, and the order that is told about."""

import itertools
import uuid
from functools import cached_property
from typing import Any

from devstack.client import Client, Customer, Document
from tests.support.api_client import a_customer
from tests.support.stories.stage import Stage

_RUN = uuid.uuid4().hex[:6]
_numbers = itertools.count(1)


class Scene:
    """Everybody in it is new, so that no story is told by what another one left."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.it = ""
        # The networks' name for a payment or request.
        self.end_to_end_id = ""
        self.payees: dict[str, str] = {}
        # The way of each order whose end was told.
        self.endings: dict[str, str] = {}
        self.tag = f"{_RUN}x{next(_numbers)}"

    @property
    def client(self) -> Client:
        return self.stage.client

    @cached_property
    def ann(self) -> Customer:
        """Without an alias until somebody looks for her: most stories need none."""
        return a_customer(self.client, balance="1000.00", has_alias=False)

    @cached_property
    def ann_s_email(self) -> str:
        """Her alias from now on."""
        self.client.activate_alias(self.ann.id, email=self.ann.email, account=self.ann.account)
        return self.ann.email

    @cached_property
    def bob(self) -> Customer:
        return a_customer(self.client, balance="1000.00")

    @cached_property
    def cleo(self) -> Customer:
        return a_customer(self.client, balance="1000.00")

    @cached_property
    def far(self) -> str:
        """An address of this story's that another bank serves."""
        return f"far.{self.tag}@other-bank.example"

    @cached_property
    def nobody(self) -> str:
        """An address of this story's that no bank serves."""
        return f"nobody.{self.tag}@example.com"

    def order(self, order: str | None = None) -> Document:
        """As it stood at the last look."""
        return self.stage.orders.get(order or self.it, {"status": None, "id": None})

    def caused(self, kind: str) -> list[Document]:
        """The orders that the one told about caused."""
        return [
            each
            for each in self.stage.orders.values()
            if each["caused_by"] == self.it and each["kind"] == kind
        ]

    def brought(self, kind: str) -> list[Document]:
        """What a network brought under the story's end-to-end id."""
        return [
            each
            for each in self.stage.orders.values()
            if each["kind"] == kind and each.get("end_to_end_id") == self.end_to_end_id
        ]

    def path(self, order: str) -> str:
        """All statuses that the order had."""
        return " ".join(event["status"] for event in self.client.events(order))

    def balance(self, customer: Customer) -> tuple[str, str]:
        account: dict[str, Any] = self.client.account(customer.account)
        return account["posted"]["value"], account["held"]["value"]

    def said(self) -> list[str]:
        """What was said with a network about the order, such as "out pacs.008" or "in pacs.002 RJCT"."""
        return [
            f"{each['direction']} {each['type']} {each['says'] or ''}".strip()
            for each in self.client.messages(self.it)
        ]

    def so_far(self) -> str:
        if not self.it:
            return "nothing began"
        order = self.client.order(self.it)
        return f"{order['id']} {self.path(self.it)} ({order['sentence']}) {self.said()}"
