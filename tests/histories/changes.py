"""What changes around orders while they are on their way: aliases, accounts, customers, payees and preferences."""

import random

from tests.histories.bank import ASKING, OURS, PENDING
from tests.histories.store import Document, Store


class Changes:
    """Each is one that the apps' services allow."""

    def __init__(self, store: Store, rng: random.Random) -> None:
        self.store = store
        self.rng = rng

    def enrol(self) -> str:
        alias = self.store.aliases[f"als_{PENDING}"]
        if alias["status"] == "PENDING":
            self._put("aliases", alias, status="ACTIVE")
        return f"{PENDING} enrols"

    def change(self) -> str:
        """One thing; what it was."""
        rng, store = self.rng, self.store
        name = rng.choice(("ann", "bob", "cid", PENDING))
        match rng.choice(("account", "customer", "alias", "payee", "preferences", "preferences")):
            case "account":
                status = rng.choice(("CLOSED", "BLOCKED", "OPEN", "OPEN"))
                self._put("accounts", store.accounts[f"acc_{name}"], status=status)
                return f"account of {name} {status}"
            case "customer":
                customer = store.customers[f"cus_{name}"]
                status = "ACTIVE" if customer["status"] != "ACTIVE" else "SUSPENDED"
                self._put("customers", customer, status=status)
                return f"{name} {status}"
            case "alias":
                return self._move_alias(name)
            case "payee":
                payee = store.payees[f"pay_{rng.choice(ASKING)}_{rng.choice(OURS)}"]
                status = rng.choice(("ACTIVE", "SUSPENDED", "REMOVED"))
                self._put("payees", payee, status=status)
                return f"{payee['_id']} {status}"
        switch, is_on = rng.choice(("send", "receive", "request")), rng.random() < 0.5
        preferences = {"products": {"zelle": {switch: is_on}}}
        self._put("customers", store.customers[f"cus_{name}"], preferences=preferences)
        return f"{name} switches {switch} {is_on}"

    def _move_alias(self, name: str) -> str:
        """To another customer of ours, or to nobody."""
        alias = self.store.aliases[f"als_{name}"]
        if alias["status"] != "ACTIVE":
            return "nothing"
        if self.rng.random() < 0.5:
            self._put("aliases", alias, status="REMOVED")
            return f"alias of {name} REMOVED"
        owner = self.rng.choice(ASKING)
        self._put("aliases", alias, customer=f"cus_{owner}", account=f"acc_{owner}")
        return f"alias of {name} moves to {owner}"

    def _put(self, table: str, document: Document, **changed: object) -> None:
        version = document.get("version", 1) + 1
        self.store.put(table, document | changed | {"version": version})
