"""A steady load with a record of what each client knows: accepted, refused for now, or no answer at all."""

import threading
import time
import uuid
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal

from devstack.client import Client, Customer, Document, NoAnswer, Unreachable, order_body
from tests.support.api_client import a_customer
from tests.support.waiting import wait_until

# Longer than any recovery that is promised; a client that retries for ever would hide an error.
_GIVE_UP_SECONDS = 180.0
# A load that nobody ends, ends here: what a customer of the ring has is enough for so many.
ORDERS_MAX = 20_000
THREADS = 12
# No multiple of the ring's size, so that everybody's turn comes.
FAR_EACH = 7


@dataclass(frozen=True)
class Ring:
    """Customers who each pay the next one, so that money moves; with `far` payees one order in FAR_EACH leaves the bank
    over a network."""

    customers: list[Customer]
    payees: list[str]
    opening_minor: int
    far: list[str] = field(default_factory=list)

    def order(self, number: int, amount: str) -> Document:
        payer = number % len(self.customers)
        is_far = self.far and number % FAR_EACH == 0
        payee = self.far[payer] if is_far else self.payees[payer]
        return order_body(self.customers[payer], payee, amount)


def a_ring(client: Client, *, size: int, balance: str, reaches_far: bool = False) -> Ring:
    opening_minor = int(Decimal(balance) * 100)
    customers = [a_customer(client, balance=balance) for _ in range(size)]
    following = [*customers[1:], customers[0]]
    payees = [
        client.add_payee(payer.id, name=next_one.name, email=next_one.email)
        for payer, next_one in zip(customers, following, strict=True)
    ]
    far = [_far_payee(client, payer) for payer in customers] if reaches_far else []
    return Ring(customers, payees, opening_minor, far)


def _far_payee(client: Client, payer: Customer) -> str:
    """Someone at another bank of the sandbox's Zelle-like network."""
    name, _, _ = payer.email.partition("@")
    return client.add_payee(payer.id, name="Olive Other", email=f"{name}@other-bank.example")


@dataclass
class Attempt:
    """One order as its client sees it; every try carries the same key."""

    key: str
    body: Document
    # Others leave it at the first answer, whatever it is, so that it is checked what became of it.
    is_patient: bool = True
    tries: list[str] = field(default_factory=list)  # ok, fail or indefinite
    order: str = ""
    sent_at: float = 0.0  # the first try
    accepted_at: float = 0.0

    @property
    def may_be_there(self) -> bool:
        """Whether an order may exist: accepted, or the outcome of a try is not known."""
        return "ok" in self.tries or "indefinite" in self.tries


class Load:
    """Sends `count` orders at `per_second` from a few threads until each is accepted; every `impatient_each`th is
    tried once only. One that `is_lasting` goes on after `count` until it is told that it is enough."""

    def __init__(
        self,
        client: Client,
        ring: Ring,
        *,
        count: int,
        per_second: float,
        impatient_each: int = 0,
        is_lasting: bool = False,
    ) -> None:
        self._client = client
        self._per_second = per_second
        self._impatient_each = impatient_each
        self._count = count
        self._pool = ThreadPoolExecutor(THREADS)
        self._running: list[Future[None]] = []
        self._is_abandoned = False
        self._is_enough = threading.Event()
        self._feeder = threading.Thread(target=self._go_on, name="load", daemon=True)
        if not is_lasting:
            self._is_enough.set()
        self._started = 0.0
        self.ring = ring
        self.attempts = [self._attempt(number) for number in range(count)]

    def start(self) -> None:
        self._started = time.monotonic()
        for number, attempt in enumerate(self.attempts):
            self._submit(number, attempt)
        self._feeder.start()

    def wait_accepted(self, count: int) -> None:
        wait_until(
            lambda: sum(bool(a.order) for a in self.attempts) >= count, 60, f"{count} accepted"
        )

    def finish(self) -> None:
        """It is enough: wait for the last answer; raises what a client could not cope with. Safe to repeat."""
        self._is_enough.set()
        self._feeder.join()
        for future in self._running:
            future.result()
        self._pool.shutdown()

    def abandon(self) -> None:
        """Nothing more is sent; for when the test is over before the load is."""
        self._is_abandoned = True
        self._is_enough.set()
        if self._feeder.is_alive():
            self._feeder.join()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _attempt(self, number: int) -> Attempt:
        each = self._impatient_each
        is_patient = not each or number % each > 0
        return Attempt(str(uuid.uuid4()), self.ring.order(number, "1.00"), is_patient=is_patient)

    def _submit(self, number: int, attempt: Attempt) -> None:
        due = time.monotonic() + self._until(number)
        self._running.append(self._pool.submit(self._send_at, due, attempt))

    def _until(self, number: int) -> float:
        """Seconds until that order is due; below zero when it is late."""
        return self._started + number / self._per_second - time.monotonic()

    def _go_on(self) -> None:
        """Each further order is handed out when it is due, since nobody knows how many there will be."""
        number = self._count
        while number < ORDERS_MAX and not self._is_enough.wait(self._until(number)):
            attempt = self._attempt(number)
            self.attempts.append(attempt)
            self._submit(number, attempt)
            number += 1

    def tries(self) -> Counter[str]:
        return Counter(outcome for attempt in self.attempts for outcome in attempt.tries)

    def _send_at(self, instant: float, attempt: Attempt) -> None:
        time.sleep(max(0.0, instant - time.monotonic()))
        attempt.sent_at = time.time()
        give_up = time.monotonic() + _GIVE_UP_SECONDS
        while time.monotonic() < give_up and not self._is_abandoned:
            outcome = self._try_once(attempt)
            attempt.tries.append(outcome)
            if outcome == "ok" or not attempt.is_patient:
                return
            time.sleep(0.2)
        raise AssertionError(f"not accepted within {_GIVE_UP_SECONDS} s: {attempt}")

    def _try_once(self, attempt: Attempt) -> str:
        try:
            answer = self._client.call("POST", "/api/v1/orders", attempt.body, key=attempt.key)
        except Unreachable:
            return "fail"
        except NoAnswer:
            return "indefinite"
        if answer.status == 201:
            attempt.order, attempt.accepted_at = answer.body["id"], time.time()
            return "ok"
        assert answer.may_pass_later, f"refused for good: {answer}"
        return "indefinite" if answer.is_indefinite else "fail"
