"""What sandboxes make the far side do: send payments, requests and recalls, answer requests, move an alias."""

import json
import uuid
from datetime import date, timedelta
from typing import Any

from apps.kernel.errors import Invalid, NotFound
from apps.kernel.money import Money, parse_money
from apps.rails.domain.ids import account_on_the_wire, uetr_of
from apps.rails.domain.messages import (
    CancellationRequest,
    CreditTransfer,
    Original,
    Party,
    PaymentRequest,
    PaymentRequestAnswer,
    RecallRequest,
    StatusRequest,
)
from apps.rails.iso20022.codec import original_of
from apps.rails.networks.adapter import Served
from apps.rails.simulators.far_side import OTHER_BANK
from apps.rails.simulators.network import SimulatedNetwork
from apps.rails.simulators.outgoing import answer, message_id
from apps.rails.simulators.store import Row
from apps.rails.simulators.triggers import Behaviour, behaviour_of

Content = dict[str, Any]
_ORDINARY = Behaviour()
_REQUEST_KEPT = timedelta(days=30)


class Control:
    """Steers one simulated network; `our_bank` is the routing number of the bank it is played for."""

    def __init__(self, network: SimulatedNetwork, *, our_bank: str) -> None:
        self._network = network
        self._store = network.store
        self._our_bank = our_bank

    def payment(self, content: Content) -> Content:
        """Money for a customer of ours: `amount`, `creditor` {alias | account}, `debtor_name`, `reference`."""
        now, end_to_end_id = self._store.now(), _end_to_end_id(content)
        message = CreditTransfer(
            message_id(self._network.name),
            now,
            end_to_end_id,
            uetr_of(end_to_end_id),
            parse_money(content.get("amount")),
            debtor=self._theirs(content.get("debtor_name", "Olive Other")),
            creditor=self._ours(content.get("creditor"), "creditor"),
            settlement_date=now.date(),
            reference=content.get("reference"),
        )
        return self._bring(message)

    def request(self, content: Content) -> Content:
        """One of theirs asks a customer of ours for money: `amount`, `debtor`, `creditor_name`, `execute_on`."""
        now, end_to_end_id = self._store.now(), _end_to_end_id(content)
        day = content.get("execute_on")
        message = PaymentRequest(
            message_id(self._network.name),
            now,
            end_to_end_id,
            uetr_of(end_to_end_id),
            parse_money(content.get("amount")),
            debtor=self._ours(content.get("debtor"), "debtor"),
            creditor=self._theirs(content.get("creditor_name", "Olive Other")),
            execute_on=date.fromisoformat(day) if day else now.date(),
            expires_at=now + _REQUEST_KEPT,
            reference=content.get("reference"),
        )
        if "pain.013" not in self._network.far_side.network.brings:
            raise Invalid("not_offered", "This network carries no requests.")
        return self._bring(message)

    def _bring(self, message: CreditTransfer | PaymentRequest) -> Content:
        with self._store.atomic():
            kind = "payment" if isinstance(message, CreditTransfer) else "request"
            if self._store.instruction(message.end_to_end_id, kind):
                raise Invalid("end_to_end_id_taken", "Use another one.", "/end_to_end_id")
            self._network.bring(message)
        return {"message_id": message.message_id, "end_to_end_id": message.end_to_end_id}

    def recall(self, content: Content) -> Content:
        """The other bank wants a payment back that it sent: `end_to_end_id`, `reason`."""
        row = self._sent(content)
        identifier, now = message_id(self._network.name), self._store.now()
        message = RecallRequest(
            identifier,
            now,
            from_bank=OTHER_BANK,
            to_bank=self._our_bank,
            case_id=identifier,
            original=_original(row),
            amount=Money(row["amount_minor"], row["currency"]),
            reason=content.get("reason", "DUPL"),
        )
        return self._ask(message)

    def enquire(self, content: Content) -> Content:
        """The other bank asks what became of a payment that it sent: `end_to_end_id`."""
        identifier, now = message_id(self._network.name), self._store.now()
        return self._ask(StatusRequest(identifier, now, _original(self._sent(content))))

    def cancel_request(self, end_to_end_id: str, content: Content) -> Content:
        """One of theirs takes back what it asked a customer of ours for: `reason`."""
        row = self._store.instruction(end_to_end_id, "request")
        if row is None or row["direction"] != "in":
            raise NotFound("request_unknown", "No such request was sent.")
        identifier = message_id(self._network.name)
        message = CancellationRequest(
            identifier,
            self._store.now(),
            from_bank=OTHER_BANK,
            to_bank=self._our_bank,
            case_id=identifier,
            original=_original(row),
            amount=Money(row["amount_minor"], row["currency"]),
            reason=content.get("reason", "CUST"),
        )
        return self._ask(message)

    def _sent(self, content: Content) -> Row:
        row = self._store.instruction(str(content["end_to_end_id"]))
        if row is None or row["direction"] != "in":
            raise NotFound("payment_unknown", "No such payment was sent.", "/end_to_end_id")
        return row

    def _ask(self, message: RecallRequest | StatusRequest | CancellationRequest) -> Content:
        with self._store.atomic():
            due_at = message.created_at
            answer(self._store, self._network.name, message, _ORDINARY, due_at=due_at)
        return {"message_id": message.message_id}

    def answer_request(self, end_to_end_id: str, content: Content) -> Content:
        """The payer decides on a request of ours: `status` RCVD, PRES, PDNG, ACTC (and pays) or RJCT, `reason`."""
        with self._store.atomic():
            row = self._store.instruction(end_to_end_id, "request")
            request = self._network.asked(row) if row is not None else None
            if row is None or request is None:
                raise NotFound("request_unknown", "No such request came.")
            if row["status"] == "CANC":
                raise Invalid("request_cancelled", "The requester took it back.")
            status, reason = str(content["status"]), content.get("reason")
            now = self._store.now()
            told = PaymentRequestAnswer(
                message_id(self._network.name),
                now,
                request.debtor.name,
                original_of(request),
                status,
                reason,
            )
            if not row["executed"]:  # money that came says more than a promise
                self._store.put("instructions", row | {"status": status, "reason": reason})
            answer(self._store, self._network.name, told, _ORDINARY, due_at=now)
            if status == "ACTC" and self._is_to_be_paid(request):
                self._network.pay(request)
        return {"end_to_end_id": end_to_end_id, "status": status}

    def _is_to_be_paid(self, request: PaymentRequest) -> bool:
        """Unless its money came before, or is not to come at all."""
        pays = behaviour_of(request.reference).pays
        return pays and self._store.instruction(request.end_to_end_id) is None

    def move_alias(self, alias: str, content: Content) -> Content:
        """Another bank serves the alias from now on: `bank` (a routing number) and `bank_name`."""
        value = {"bank": str(content["bank"]), "bank_name": str(content.get("bank_name", ""))}
        self._store.put("facts", {"name": f"alias {alias}", "value": json.dumps(value)})
        return {"alias": alias, **value}

    def moved(self, alias: str) -> Served | None:
        found = self._store.one("SELECT value FROM facts WHERE name = ?", f"alias {alias}")
        return Served(alias, **json.loads(found["value"])) if found else None

    def instructions(self) -> Content:
        """Every payment and request the network knows, what was executed, and what still waits to be delivered."""
        rows = self._store.all("SELECT * FROM instructions ORDER BY end_to_end_id, kind")
        outbox = self._store.all("SELECT state, count(*) AS number FROM outbox GROUP BY state")
        received = self._store.all("SELECT message_id, copies FROM received")
        return {
            "instructions": rows,
            "position_minor": _position(rows),
            "outbox": {row["state"]: row["number"] for row in outbox},
            "received": {row["message_id"]: row["copies"] for row in received},
        }

    def _theirs(self, name: Any) -> Party:
        return Party(str(name), OTHER_BANK, account="OTHER-0001")

    def _ours(self, who: Any, field: str) -> Party:
        if not isinstance(who, dict) or not {"alias", "account"} & set(who):
            detail = 'Write {"alias": "email:…"} or {"account": "acc_…"}.'
            raise Invalid(f"{field}_malformed", detail, f"/{field}")
        name = str(who.get("name", "Customer"))
        account = account_on_the_wire(who.get("account"))
        return Party(name, self._our_bank, account=account, alias=who.get("alias"))


def _original(row: Row) -> Original:
    return Original(row["message_id"], row["name"], row["end_to_end_id"], row["uetr"])


def _end_to_end_id(content: Content) -> str:
    return str(content.get("end_to_end_id") or uuid.uuid4().hex)


def _position(rows: list[Content]) -> dict[str, int]:
    """What the bank took of what was brought minus what was executed for it, each without what was returned."""
    position: dict[str, int] = {}
    for row in rows:
        left = row["amount_minor"] - row["returned_minor"]
        if row["kind"] == "payment" and row["executed"] and left:
            signed = left if row["direction"] == "in" else -left
            position[row["currency"]] = position.get(row["currency"], 0) + signed
    return position
