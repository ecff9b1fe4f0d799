"""Money that networks bring for Ann: lifecycle 3b, a story a row. Ann has 1000.00 at first, and 1011.00 once paid."""

from tests.support.stories.deeds import (
    blocked,
    closes_her_account,
    is_paid,
    pays_away,
    suspended,
)
from tests.support.stories.outcomes import (
    becomes,
    compliance,
    ends,
    has,
    its_deadline_passes,
    says,
    staff,
)
from tests.support.stories.story import Step, Story

_NAME = "Mallory {tag}"
_WAITS = "RECEIVED ACCEPTED_NOT_POSTED"


def _is_paid_by_somebody_blocked() -> tuple[Step, ...]:
    return (
        *(blocked(_NAME), is_paid(by=_NAME), becomes("ACCEPTED_NOT_POSTED")),
        *(says("out pacs.002 ACWP"), has("1000.00")),
    )


AT_ONCE = (
    Story(
        "Ann is paid",
        *(is_paid(), ends("RECEIVED ACCEPTED POSTED"), says("out pacs.002 ACCC")),
        has("1011.00"),
    ),
    Story(
        "the network brings it three times",
        *(is_paid(reference="SIM-DUPLICATE-ANSWER"), ends("RECEIVED ACCEPTED POSTED")),
        has("1011.00"),
    ),
    Story(
        "nobody here has the address",
        *(is_paid(to="nobody"), ends("RECEIVED REJECTED", reason="AC03")),
        says("out pacs.002 RJCT"),
    ),
    Story(
        "Ann's account is blocked",
        *(suspended("ann"), is_paid(), ends("RECEIVED REJECTED", reason="AC06")),
        has("1000.00"),
    ),
    Story(
        "Ann spent everything and closed her account",
        *(pays_away("1000.00"), closes_her_account(), is_paid()),
        *(ends("RECEIVED REJECTED", reason="AC04"), says("out pacs.002 RJCT"), has("0.00")),
    ),
)

LOOKED_AT = (
    Story(
        "compliance releases it",
        *(*_is_paid_by_somebody_blocked(), compliance("release")),
        *(ends(f"{_WAITS} POSTED"), says("out pacs.002 ACCC"), has("1011.00")),
    ),
    Story(
        "compliance sends it back",
        *(*_is_paid_by_somebody_blocked(), compliance("return")),
        *(ends(f"{_WAITS} REJECTED"), says("out pacs.004"), has("1000.00")),
    ),
    Story(
        "it is frozen by law, which an operator may not do",
        *(*_is_paid_by_somebody_blocked(), staff("block", refused="command_not_yours")),
        *(compliance("block"), ends(f"{_WAITS} BLOCKED"), says("out pacs.002 BLCK")),
        has("1000.00"),
    ),
)

LOOKED_AT_TOO_LATE = (
    Story(
        "nobody decides in time; then it is released",
        *(*_is_paid_by_somebody_blocked(), its_deadline_passes(), becomes("PENDING")),
        *(says("out pacs.002 PDNG"), staff("release"), ends(f"{_WAITS} PENDING POSTED")),
        has("1011.00"),
    ),
    Story(
        "nobody decides in time; then it goes back",
        *(*_is_paid_by_somebody_blocked(), its_deadline_passes(), becomes("PENDING")),
        *(staff("return"), ends(f"{_WAITS} PENDING REJECTED"), says("out pacs.004")),
        has("1000.00"),
    ),
    Story(
        "nobody decides in time; then it is frozen",
        *(*_is_paid_by_somebody_blocked(), its_deadline_passes(), becomes("PENDING")),
        *(compliance("block"), ends(f"{_WAITS} PENDING BLOCKED"), has("1000.00")),
    ),
)

STORIES = (*AT_ONCE, *LOOKED_AT, *LOOKED_AT_TOO_LATE)
