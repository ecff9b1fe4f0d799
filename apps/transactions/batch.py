"""What becomes of each item of a batch: payments are written together, requests one by one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rest_framework.exceptions import ValidationError

from apps.kernel.errors import DomainError
from apps.transactions import serializers
from apps.transactions.requesting import accept_request
from apps.transactions.requests_in import BatchRequestIn, is_request, request_submission_of
from apps.transactions.services import Accepted, accept_orders
from apps.transactions.submission import Requester, Submission
from dpms_site.rest.fields import checked

Result = Accepted | DomainError | ValidationError


def accept_items(items: Sequence[Any], *, requester: Requester, now: datetime) -> list[Result]:
    """Each item's result, in order: accepted for itself, whatever becomes of the others.

    Safe to repeat as a single order is: each item has a key of its own. A database error means that the outcome of all
    is unknown.
    """
    results: dict[int, Result] = {}
    payments: dict[int, Submission] = {}
    requests: dict[int, Mapping[str, Any]] = {}
    for place, item in enumerate(items):
        try:
            if is_request(item):
                requests[place] = checked(BatchRequestIn, item)
            else:
                order = checked(serializers.BatchItemIn, item)
                payments[place] = serializers.submission_of(order, order["idempotency_key"])
        except ValidationError as error:
            results[place] = error
    outcomes = accept_orders(list(payments.values()), requester=requester, now=now)
    results.update(zip(payments, outcomes, strict=True))
    for place, asked in requests.items():
        results[place] = _asked(asked, requester=requester, now=now)
    return [results[place] for place in range(len(items))]


def _asked(request: Mapping[str, Any], *, requester: Requester, now: datetime) -> Result:
    submission = request_submission_of(request, request["idempotency_key"])
    try:
        return accept_request(submission, requester=requester, now=now)
    except DomainError as refusal:
        return refusal
