"""Writes of schedules that customers ask for: set up, pause, resume, cancel. The payments are made in `making.py`."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from django.db import IntegrityError

from apps.kernel.errors import Conflict, Invalid
from apps.kernel.ids import derived_id
from apps.transactions.calendar import BUSINESS_CALENDAR
from apps.transactions.domain import schedule as rules
from apps.transactions.domain.schedule import Plan
from apps.transactions.models import Schedule
from apps.transactions.scheduling import selectors
from apps.transactions.selectors import written_by_id
from apps.transactions.services import check_submission
from apps.transactions.submission import Requester, Submission
from dpms_site.changes import Change, change

OPEN = frozenset({"ACTIVE", "PAUSED"})


@dataclass(frozen=True)
class SetUp:
    """The schedule, and whether an earlier request made it."""

    schedule: Schedule
    is_replay: bool


def set_up(submission: Submission, plan: Plan, *, requester: Requester, made: Change) -> SetUp:
    """A schedule that pays `submission` on the plan's dates; its Idempotency-Key makes the same request twice one.

    Raises a DomainError when an order like this, or a plan like this, would be refused now; then nothing is written.
    """
    schedule_id = derived_id("sch", requester.client, submission.idempotency_key)
    body_hash = _hash_of(submission, plan)
    earlier = Schedule.objects.filter(pk=schedule_id).first()
    if earlier is not None:
        return _replayed(earlier, body_hash)
    first = rules.check(plan, made.at, BUSINESS_CALENDAR)
    check_submission(submission)
    try:
        schedule = Schedule.objects.create(
            id=schedule_id,
            client=requester.client,
            idempotency_key=submission.idempotency_key,
            body_hash=body_hash,
            **_what(submission),
            **_when(plan),
            status="ACTIVE",
            next_number=1,
            due_at=first.due_at,
            created_at=made.at,
            **made.fields(),
        )
    except IntegrityError:
        written_by_id("schedules", [schedule_id])  # waits until its first writer's promise holds
        return _replayed(Schedule.objects.get(pk=schedule_id), body_hash)
    return SetUp(schedule, is_replay=False)


def pause(schedule: Schedule, made: Change) -> Schedule:
    """No payment begins after this is answered; one that is in the making is finished.

    Raises Conflict (`schedule_over`, `version_conflict`).
    """
    _require_open(schedule)
    if schedule.status == "PAUSED":
        return schedule
    return change(schedule, made, status="PAUSED", due_at=_still_making(schedule))


def resume(schedule: Schedule, made: Change) -> Schedule:
    """Goes on with the first payment that is not past: what was due meanwhile is not made up for.

    Raises Conflict (`schedule_over`, `version_conflict`).
    """
    _require_open(schedule)
    if schedule.status == "ACTIVE":
        return schedule
    if schedule.making is not None:
        return change(schedule, made, status="ACTIVE")
    found = rules.next_due(schedule.plan, schedule.next_number, made.at, BUSINESS_CALENDAR)
    if found is None:
        return change(schedule, made, status="ENDED", due_at=None)
    return change(schedule, made, status="ACTIVE", next_number=found.number, due_at=found.due_at)


def cancel(*, customer_id: str, schedule_id: str, made: Change) -> None:
    """No payment begins any more; cancelling again, or what has ended, changes nothing."""
    schedule = selectors.schedule_of_customer(customer_id, schedule_id)
    if schedule.status in OPEN:
        change(schedule, made, status="CANCELLED", due_at=_still_making(schedule))


def _still_making(schedule: Schedule) -> Any:
    return schedule.due_at if schedule.making is not None else None


def _require_open(schedule: Schedule) -> None:
    if schedule.status not in OPEN:
        detail = f"The schedule is {schedule.status} and stays so."
        raise Conflict("schedule_over", detail, "/status")


def _replayed(earlier: Schedule, body_hash: str) -> SetUp:
    if earlier.body_hash != body_hash:
        detail = "This Idempotency-Key was used with another body."
        raise Invalid("idempotency_key_reused", detail)
    return SetUp(earlier, is_replay=True)


def _hash_of(submission: Submission, plan: Plan) -> str:
    """Of everything that was asked; the key is no part of it."""
    asked = {"order": submission.body_hash(), **asdict(plan)}
    text = json.dumps(asked, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _what(submission: Submission) -> dict[str, Any]:
    return {
        "customer": submission.customer,
        "account": submission.account,
        "product": submission.product,
        "payee": submission.payee,
        "amount_minor": submission.money.amount_minor,
        "currency": submission.money.currency,
        "reference": submission.reference,
        "memo": submission.memo,
    }


def _when(plan: Plan) -> dict[str, Any]:
    return {
        "first_on": plan.first_on.isoformat(),
        "frequency": plan.frequency.value,
        "roll": plan.roll.value,
        "end_of_month": plan.end_of_month,
        "last_on": plan.last_on.isoformat() if plan.last_on else None,
        "count": plan.count,
    }
