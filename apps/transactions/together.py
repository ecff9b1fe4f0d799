"""Plain orders that arrive while others are being inserted wait for them, and are then inserted together.

Each round trip to the database costs about as much as the order itself. Under load the waiting ones share theirs; an
order that finds nobody there goes at once. Each is accepted or refused for itself, as if it were alone.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pymongo.errors import BulkWriteError

from apps.kernel.failpoint import failpoint
from apps.transactions import selectors, services
from apps.transactions.submission import Requester, Submission
from dpms_site.mongodb import Document, async_collection

# Two, so that one is read for while another is written; more would make them smaller.
_UNDER_WAY_MAX = 2
_TOGETHER_MAX = 100

Outcome = Document | Exception


class NotInserted(Exception):
    """It may or may not be there: by this key already, or of unknown outcome."""


@dataclass(frozen=True)
class Plain:
    """An order that was asked for, by whom and when."""

    submission: Submission
    requester: Requester
    now: datetime


@dataclass
class Together:
    """Of one event loop."""

    _waiting: list[tuple[Plain, asyncio.Future[Document]]] = field(default_factory=list)
    # Kept here, since the event loop itself keeps no task from being collected.
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)

    async def insert(self, order: Plain) -> Document:
        """The order, durable. Raises a DomainError when it can't be accepted, and NotInserted."""
        answer: asyncio.Future[Document] = asyncio.get_running_loop().create_future()
        self._waiting.append((order, answer))
        self._go_on()
        return await answer

    def _go_on(self) -> None:
        if self._waiting and len(self._under_way) < _UNDER_WAY_MAX:
            now, self._waiting = self._waiting[:_TOGETHER_MAX], self._waiting[_TOGETHER_MAX:]
            task = asyncio.get_running_loop().create_task(_answered(now))
            self._under_way.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._go_on()


async def _answered(waiting: Sequence[tuple[Plain, asyncio.Future[Document]]]) -> None:
    outcomes: Sequence[Outcome]
    try:
        outcomes = await insert_plain([order for order, _ in waiting])
    except Exception as error:  # whatever it is: nobody waits for ever
        outcomes = [error] * len(waiting)
    for (_, answer), outcome in zip(waiting, outcomes, strict=True):
        if answer.done():  # who waited for it is gone
            continue
        if isinstance(outcome, Exception):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome)


async def insert_plain(orders: Sequence[Plain]) -> list[Outcome]:
    """What became of each, in order: the document, durable, or the exception: a DomainError, NotInserted, or a defect.

    Safe to repeat: each order's id derives from its client and key. A database error means that the outcome of all is
    unknown.
    """
    outcomes: dict[int, Outcome] = {}
    documents: dict[int, Document] = {}
    surroundings = await _surroundings(orders)
    for place, order in enumerate(orders):
        try:
            documents[place] = services.order_document(
                order.submission, surroundings, requester=order.requester, now=order.now
            )
        except Exception as error:  # a refusal, or a defect that is not to fall on the others
            outcomes[place] = error
    if documents:
        failpoint("express.before_insert")
        outcomes |= await _inserted(documents)
        failpoint("express.after_insert")
    return [outcomes[place] for place in range(len(orders))]


async def _surroundings(orders: Sequence[Plain]) -> selectors.Surroundings:
    pipeline = selectors.surroundings_pipeline([order.submission for order in orders])
    cursor = await async_collection("customers").aggregate(pipeline)
    return selectors.surroundings_from(await cursor.to_list())


async def _inserted(documents: Mapping[int, Document]) -> dict[int, Outcome]:
    """Each document by its place, or NotInserted instead of it."""
    outcomes: dict[int, Outcome] = dict(documents)
    places = list(documents)
    try:
        await async_collection("orders").insert_many(list(documents.values()), ordered=False)
    except BulkWriteError as error:
        if error.details["writeConcernErrors"]:
            raise
        for fault in error.details["writeErrors"]:
            outcomes[places[fault["index"]]] = NotInserted(fault["errmsg"])
    except (ValueError, OverflowError) as error:  # one can't be encoded; alone, the others can
        return {place: NotInserted(str(error)) for place in places}
    return outcomes
