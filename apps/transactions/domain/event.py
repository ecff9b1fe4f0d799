"""What can happen to an order from outside: the inputs of `apply`. `cause` makes each of them apply once."""

from dataclasses import dataclass

from apps.transactions.domain.order import Actor


@dataclass(frozen=True)
class Signal:
    """What the assess stage saw; a signal may only make an order wait for a person."""

    reason: str
    detail: str


@dataclass(frozen=True)
class Assessed:
    """The order was accepted and looked at; `signals` empty means nothing stands in its way."""

    cause: str
    actor: Actor
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A command: a person, a client or a clock asks something of an order."""

    cause: str
    actor: Actor
    command: str
    reason: str


@dataclass(frozen=True)
class Claimed:
    """The alias that the order waits for is active now."""

    cause: str
    actor: Actor


@dataclass(frozen=True)
class Due:
    """The deadline that the order stores has come; `due_event` names which one it was asked for."""

    cause: str
    actor: Actor
    due_event: str


@dataclass(frozen=True)
class Answered:
    """The network's answer to a submitted order; `reason` is its ISO code when it rejects, `detail` its words."""

    cause: str
    actor: Actor
    accepted: bool
    reason: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class Noted:
    """The network tells something that is no decision: `what` is an event of the lifecycle ("pending", "presented")."""

    cause: str
    actor: Actor
    what: str
    reason: str | None = None


@dataclass(frozen=True)
class Returned:
    """Money comes back from the network (pacs.004); `return_id` is the network's own for this return."""

    cause: str
    actor: Actor
    return_id: str
    amount_minor: int
    currency: str
    reason: str


@dataclass(frozen=True)
class Recalled:
    """The sender's bank asks for its money back (camt.056)."""

    cause: str
    actor: Actor
    reason: str


@dataclass(frozen=True)
class Settled:
    """A payment that was promised for a request ended: paid, or not and why; `payment` is its order."""

    cause: str
    actor: Actor
    payment: str
    paid: bool
    reason: str | None = None


@dataclass(frozen=True)
class ChildEnded:
    """One of the requests that a split made is final."""

    cause: str
    actor: Actor


@dataclass(frozen=True)
class Unprocessable:
    """The platform failed on this order's data: it is held for a person, with what went wrong."""

    cause: str
    actor: Actor
    detail: str


Event = (
    Assessed
    | Asked
    | Claimed
    | Due
    | Answered
    | Noted
    | Returned
    | Recalled
    | Settled
    | ChildEnded
    | Unprocessable
)
