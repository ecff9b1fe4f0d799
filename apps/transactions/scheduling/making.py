"""Scheduled payments that are due become orders, by the same service as a client's: one for each date, never two.

Three steps, each safe to repeat. The schedule is claimed: by compare-and-set it says which payment is being made, so a
customer who paused or cancelled it before finds none made after, and of two clocks one goes on. The order is accepted
with an Idempotency-Key of schedule and date: whoever comes again gets the order that is there. The schedule is
finished: it says what became of the payment and which is next. A process that dies in between leaves a claim with its
`due_at`, by which the next one finds it and goes on with the same payment. A refusal, such as of a removed payee, is
kept on the schedule, and the next date is tried all the same.
"""

from datetime import datetime
from typing import Any

import structlog
from django.db import DatabaseError
from pymongo.errors import PyMongoError

from apps.kernel.clock import Clock
from apps.kernel.errors import Conflict, DomainError
from apps.kernel.failpoint import failpoint
from apps.kernel.ids import derived_id
from apps.kernel.money import Money
from apps.transactions.calendar import BUSINESS_CALENDAR
from apps.transactions.domain.schedule import Occurrence, occurrence
from apps.transactions.models import Schedule
from apps.transactions.services import accept_order
from apps.transactions.submission import Requester, Submission
from dpms_site.changes import Change, change

log = structlog.get_logger(__name__)


class DueSchedules:
    """Makes the payments that are due; leads alone, and more of it do no harm."""

    def __init__(self, *, clock: Clock, holder: str) -> None:
        self._clock = clock
        self._holder = holder

    def make(self) -> int:
        """One pass over all that is due by now; how many payments were made or refused."""
        now = self._clock()
        handled = 0
        for schedule in Schedule.objects.filter(due_at__lte=now).order_by("due_at").iterator():
            try:
                handled += self._make(schedule, now)
            except Conflict as error:
                # Somebody changed it between two steps: the next pass reads it anew.
                log.info("schedule_changed_meanwhile", schedule=schedule.id, because=str(error))
            except (PyMongoError, DatabaseError):
                raise
            except Exception:
                # A defect behind one schedule must not keep the others waiting.
                log.exception("schedule_not_made", schedule=schedule.id)
        return handled

    def _make(self, schedule: Schedule, now: datetime) -> int:
        """Also several dates that came while no clock ran, each by itself, in order."""
        handled = 0
        while schedule.due_at is not None and schedule.due_at <= now:
            if schedule.making is None:
                schedule = self._claim(schedule, now)
            if schedule.making is None:
                break
            self._finish(schedule, self._result(schedule, now), now)
            handled += 1
        return handled

    def _claim(self, schedule: Schedule, now: datetime) -> Schedule:
        payment = _payment(schedule, schedule.next_number)
        if payment is None or schedule.status != "ACTIVE":
            # No writer leaves it so; what is not to be paid must not be found again.
            return change(schedule, self._made(schedule, now, "nothing is due"), due_at=None)
        failpoint("schedule.before_claim")
        made = self._made(schedule, now, f"the payment of {payment.on} begins")
        claimed = change(schedule, made, making=payment.number)
        failpoint("schedule.after_claim")
        return claimed

    def _result(self, schedule: Schedule, now: datetime) -> dict[str, Any]:
        """The fields that tell what became of the payment in the making."""
        payment = _payment(schedule, schedule.making or 0)
        assert payment is not None  # noqa: S101 - it was claimed
        on = payment.on.isoformat()
        requester = Requester(schedule.client, derived_id("req", schedule.id, on))
        try:
            accepted = accept_order(_submission(schedule, on), requester=requester, now=now)
        except DomainError as refusal:
            kept = {"on": on, "code": refusal.code, "detail": refusal.detail}
            return {"last_refusal": kept, "refused_count": schedule.refused_count + 1}
        return {"last_order": accepted.document["_id"], "made_count": schedule.made_count + 1}

    def _finish(self, schedule: Schedule, result: dict[str, Any], now: datetime) -> None:
        number = schedule.next_number + 1
        following = _payment(schedule, number)
        is_active = schedule.status == "ACTIVE"
        fields = {**result, "making": None, "next_number": number}
        fields["due_at"] = following.due_at if following and is_active else None
        if following is None and schedule.status != "CANCELLED":
            fields["status"] = "ENDED"
        told = "was made" if "last_order" in result else "was refused"
        failpoint("schedule.before_finish")
        change(schedule, self._made(schedule, now, f"the payment {told}"), **fields)
        failpoint("schedule.after_finish")

    def _made(self, schedule: Schedule, now: datetime, reason: str) -> Change:
        request_id = derived_id("req", schedule.id, str(schedule.version))
        return Change(by=f"clock:{self._holder}", at=now, request_id=request_id, reason=reason)


def _payment(schedule: Schedule, number: int) -> Occurrence | None:
    return occurrence(schedule.plan, number, BUSINESS_CALENDAR)


def _submission(schedule: Schedule, on: str) -> Submission:
    return Submission(
        idempotency_key=f"{schedule.id}/{on}",
        product=schedule.product,
        customer=schedule.customer,
        account=schedule.account,
        payee=schedule.payee,
        money=Money(schedule.amount_minor, schedule.currency),
        reference=schedule.reference,
        memo=schedule.memo,
    )
