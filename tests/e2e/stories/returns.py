"""Money that goes back: recalls of what Ann was paid, and of what she paid Faye at another bank; a story a row."""

from tests.support.stories.deeds import (
    is_paid,
    is_recalled,
    pays_away,
    sends,
)
from tests.support.stories.outcomes import (
    becomes,
    customer,
    ends,
    has,
    its_deadline_passes,
    says,
    staff,
    the_story_goes_on_with,
)
from tests.support.stories.story import Step, Story

_REVIEW = "RECEIVED RETURN_REVIEW"
_ASKED = "RECEIVED RETURN_REQUESTED"


def _is_paid_and_asked_to_give_it_back(amount: str = "11.00") -> tuple[Step, ...]:
    return (
        *(is_paid(amount), becomes("POSTED"), is_recalled(), becomes("RETURN_REVIEW")),
        says("out camt.029 PDCR"),
    )


def _asks_it_back(reference: str) -> tuple[Step, ...]:
    return (
        *(sends(reference=reference), becomes("COMPLETED"), staff("recall")),
        the_story_goes_on_with("return"),
    )


ASKED_OF_US = (
    Story(
        "staff give it back",
        *(*_is_paid_and_asked_to_give_it_back(), staff("return")),
        *(ends(f"{_REVIEW} RETURNED", reason="FOCR"), says("out pacs.004")),
        *(says("out camt.029 IPAY"), has("1000.00")),
    ),
    Story(
        "staff refuse",
        *(*_is_paid_and_asked_to_give_it_back(), staff("refuse")),
        *(ends(f"{_REVIEW} REFUSED"), says("out camt.029 RJCR"), has("1011.00")),
    ),
    Story(
        "nobody decides",
        *(*_is_paid_and_asked_to_give_it_back(), its_deadline_passes()),
        *(ends(f"{_REVIEW} EXPIRED"), says("out camt.029 RJCR"), has("1011.00")),
    ),
    Story(
        "Ann has spent it: it can't be given back",
        *(*_is_paid_and_asked_to_give_it_back(), pays_away("1005.00")),
        *(staff("return", refused="funds_gone"), staff("refuse")),
        *(ends(f"{_REVIEW} REFUSED"), has("6.00")),
    ),
)

ASKED_BY_US = (
    Story(
        "Faye's bank gives it back",
        *(*_asks_it_back("birthday"), says("in camt.029 PDCR"), says("in camt.029 IPAY")),
        *(says("in pacs.004"), ends(f"{_ASKED} RETURNED", reason="FOCR"), has("1000.00")),
    ),
    Story(
        "Faye's bank refuses",
        *_asks_it_back("SIM-RECALL-REFUSED"),
        *(ends(f"{_ASKED} REFUSED", reason="CUST"), has("993.00")),
    ),
    Story(
        "Faye's bank never decides",
        *(*_asks_it_back("SIM-RECALL-SILENT"), its_deadline_passes()),
        *(ends(f"{_ASKED} EXPIRED"), has("993.00")),
    ),
    Story(
        "a payment is recalled once, and only by staff",
        *(sends(), becomes("COMPLETED"), customer("recall", refused="command_not_yours")),
        *(staff("recall"), staff("recall", refused="order_recalled")),
        ends("RECEIVED VALIDATED FUNDED SUBMITTED COMPLETED"),
    ),
)

STORIES = (*ASKED_OF_US, *ASKED_BY_US)
