"""An order of any kind on its way through several steps for one cause, gathering what must be written with it."""

from datetime import datetime
from typing import Generic, Literal

from apps.ledger.domain.entry import Entry, NetworkKind
from apps.ledger.domain.internal import internal_account
from apps.ledger.domain.transfers import moved
from apps.transactions.domain.cases import CaseKind, CaseOpened, opened
from apps.transactions.domain.deadlines import Calendar
from apps.transactions.domain.lifecycle import LIFECYCLES, Driver
from apps.transactions.domain.limits import UsageChange
from apps.transactions.domain.order import Actor, AnyOrder, Kind, advance
from apps.transactions.domain.outgoing import Counterparty, Outgoing, Type, end_to_end_id_of
from apps.transactions.domain.results import Change, Refused

Purpose = Literal["settlement", "suspense", "unclaimed"]


class Steps(Generic[Kind]):
    """Mutable only inside one `apply`: the caller sees the result or nothing."""

    # Of the bank's own accounts: each order keeps to its own, so that the hottest documents are many.
    shard: int | None = None

    def __init__(
        self, order: Kind, now: datetime, *, network: str, actor: Actor, cause: str
    ) -> None:
        self.order = order
        self.now = now
        self.network = network
        self.actor = actor
        self.cause = cause
        self.entries: list[Entry] = []
        self.usage: list[UsageChange] = []
        self.outgoing: list[Outgoing] = []
        self.caused: list[AnyOrder] = []
        self.cases: list[CaseOpened] = []

    @property
    def status(self) -> str:
        return self.order["status"]

    def may(self, target: str) -> bool:
        return LIFECYCLES[self.order["kind"]].may_move(
            self.status, target, Driver(self.actor["kind"])
        )

    def step(self, target: str, *, reason: str | None = None, detail: str | None = None) -> None:
        self.order = advance(
            self.order,
            target,
            actor=self.actor,
            cause=self.cause,
            now=self.now,
            reason=reason,
            detail=detail,
        )

    def wait(self, due_event: str, due_at: datetime) -> None:
        """The clock asks `due_event` of the order at `due_at`, unless a further step comes first."""
        self.order["due_at"], self.order["due_event"] = due_at, due_event

    def own_account(self, purpose: Purpose) -> str:
        """The bank's own account for the order's network and currency."""
        return internal_account(
            purpose, currency=self.order["currency"], network=self.network, shard=self.shard
        )

    def tell(
        self,
        message: Type,
        *,
        debtor: Counterparty,
        creditor: Counterparty,
        status: str | None = None,
        reason: str | None = None,
        expires_at: datetime | None = None,
    ) -> None:
        """Sends the network a message with the step just taken."""
        order = self.order
        self.outgoing.append(
            Outgoing(
                type=message,
                network=self.network,
                order=order["_id"],
                version=order["version"],
                end_to_end_id=end_to_end_id_of(order),
                amount_minor=order["amount_minor"],
                currency=order["currency"],
                debtor=debtor,
                creditor=creditor,
                reference=order["reference"],
                status=status,
                reason=reason,
                expires_at=expires_at,
            )
        )

    def post(self, kind: NetworkKind, *, source: str, target: str) -> None:
        """Moves the order's amount with the step just taken."""
        self.entries.append(
            moved(
                kind,
                order=self.order["_id"],
                version=self.order["version"],
                source=source,
                target=target,
                amount_minor=self.order["amount_minor"],
                currency=self.order["currency"],
                at=self.now,
            )
        )

    def change(self) -> Change[Kind]:
        """All that was gathered."""
        return Change(
            order=self.order,
            entries=self.entries,
            usage=self.usage,
            outgoing=self.outgoing,
            caused=self.caused,
            cases=self.cases,
        )

    def open_case(self, kind: CaseKind, detail: str, calendar: Calendar) -> None:
        self.cases.append(
            opened(
                kind,
                self.order,
                actor=self.actor,
                cause=self.cause,
                detail=detail,
                now=self.now,
                calendar=calendar,
            )
        )


def refusal_of_command(order: AnyOrder, command: str, kind: Driver) -> Refused | None:
    """Why a command is not taken at all, whatever it would do: unknown, not theirs to give, or too late."""
    lifecycle = LIFECYCLES[order["kind"]]
    if command not in lifecycle.commands:
        return Refused("command_unknown", f"There is no command {command!r}.")
    if kind not in lifecycle.commands[command]:
        return Refused("command_not_yours", f"A {kind.value} may not {command} an order.")
    if order["final"] and not lifecycle.takes(command, order["status"]):
        return Refused("order_final", f"The order is {order['status']} already and stays so.")
    return None
