"""What must hold between our messages and what a network says it did: one instruction an end-to-end id."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.kernel.findings import Problem

Document = Mapping[str, Any]
Key = tuple[str, str]  # network and end-to-end id


@dataclass
class Exchange:
    """Feed it our messages and receipts, then what each network knows; problems come as they are seen."""

    sent: dict[str, Document] = field(default_factory=dict)
    brought: dict[Key, Document] = field(default_factory=dict)
    instructed: dict[Key, str] = field(default_factory=dict)
    taken: dict[Key, str] = field(default_factory=dict)
    # Our messages that have a receipt.
    heard: set[str] = field(default_factory=set)

    def message(self, message: Document) -> list[Problem]:
        key = (message["network"], message["end_to_end_id"])
        if message["direction"] == "in":
            if message["type"] == "pacs.008":
                self.brought.setdefault(key, message)
            return []
        self.sent[message["_id"]] = message
        if message["type"] != "pacs.008":
            return []
        first = self.instructed.setdefault(key, message["_id"])
        if first == message["_id"]:
            return []
        detail = f"{first} instructs {key[0]} for the end-to-end id {key[1]} too"
        return [Problem(message["_id"], "one_instruction", detail)]

    def receipt(self, receipt: Document) -> list[Problem]:
        message = self.sent.get(receipt["_id"])
        if message is None:
            return [
                Problem(receipt["_id"], "receipt_of_a_message", "nothing was sent under its id")
            ]
        self.heard.add(receipt["_id"])
        if receipt["state"] == "TAKEN" and message["type"] == "pacs.008":
            self.taken[message["network"], message["end_to_end_id"]] = message["_id"]
        return []

    def known(self, network: str, instructions: Iterable[Document]) -> list[Problem]:
        """Compares with what the network knew before the messages were read."""
        found = []
        for each in instructions:
            if each["kind"] == "payment" and each["executed"]:
                key = (network, each["end_to_end_id"])
                found += (
                    self._sent(key, each)
                    if each["direction"] == "out"
                    else self._brought(key, each)
                )
        return found

    def _sent(self, key: Key, instruction: Document) -> list[Problem]:
        identifier = f"msg_{instruction['message_id']}"
        message = self.sent.get(identifier)
        if message is None:
            detail = f"{key[0]} executed it for {key[1]}, and nothing was sent under its id"
            return [Problem(identifier, "executed_is_sent", detail)]
        return _differing(message, instruction)

    def _brought(self, key: Key, instruction: Document) -> list[Problem]:
        message = self.brought.get(key)
        if message is None:
            detail = f"{key[0]} was told that we took it, and it never came"
            return [Problem(key[1], "answered_is_received", detail)]
        return _differing(message, instruction)

    def unheard(self, network: str) -> frozenset[str]:
        """End-to-end ids of messages of ours that the network may not have yet: they have no receipt."""
        return frozenset(
            message["end_to_end_id"]
            for identifier, message in self.sent.items()
            if message["network"] == network and identifier not in self.heard
        )

    def untold(self, network: str, instructions: Iterable[Document]) -> list[Problem]:
        """What the network took by its receipt and does not know, by what it knows after the messages were read."""
        known = {each["end_to_end_id"] for each in instructions if each["kind"] == "payment"}
        return [
            Problem(message, "taken_is_known", f"{network} gave a receipt and knows nothing of it")
            for (name, end_to_end_id), message in self.taken.items()
            if name == network and end_to_end_id not in known
        ]


def _differing(message: Document, instruction: Document) -> list[Problem]:
    amount = message["fields"]["amount"]
    ours = (amount["amount_minor"], amount["currency"])
    theirs = (instruction["amount_minor"], instruction["currency"])
    if ours == theirs:
        return []
    return [Problem(message["_id"], "same_amount", f"it says {ours}, the network {theirs}")]
