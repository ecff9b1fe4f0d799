"""Money that Ann sends: lifecycle 3a, a story a row. Bob banks here, Faye at another bank; Ann has 1000.00 at first."""

from tests.support.stories.deeds import (
    another_bank_serves_it,
    enrols,
    pays_away,
    saves,
    sends,
    suspended,
)
from tests.support.stories.outcomes import (
    becomes,
    causes,
    compliance,
    customer,
    ends,
    has,
    its_deadline_passes,
    opens_case,
    says,
    staff,
    the_network_s_time_passes,
    time_passes,
)
from tests.support.stories.story import Story

_SENT = "RECEIVED VALIDATED FUNDED SUBMITTED"
_PAID = f"{_SENT} COMPLETED"

ON_US = (
    Story(
        "Bob is paid at once",
        sends(to="bob"),
        ends("RECEIVED VALIDATED FUNDED COMPLETED"),
        has("993.00"),
        has("1007.00", who="bob"),
    ),
    Story(
        "Ann has not so much",
        sends("1000.01", to="bob"),
        ends("RECEIVED VALIDATED REJECTED", reason="AM04"),
        has("1000.00"),
    ),
    Story(
        "it is over the limit",
        sends("5000.01", to="bob"),
        ends("RECEIVED REJECTED", reason="AM14"),
        has("1000.00"),
    ),
    Story(
        "Bob may not be paid",
        suspended("bob"),
        sends(to="bob"),
        ends("RECEIVED VALIDATED FUNDED REJECTED", reason="AG01"),
        has("1000.00"),
        has("1000.00", who="bob"),
    ),
    Story(
        "Ann says that it was an error: a case opens, the payment stays",
        sends(to="bob"),
        becomes("COMPLETED"),
        customer("dispute"),
        opens_case("dispute"),
        customer("dispute", refused="order_disputed"),
        customer("cancel", refused="order_final"),
        ends("RECEIVED VALIDATED FUNDED COMPLETED"),
        has("993.00"),
    ),
)

HELD = (
    Story(
        "it looks like the one before; staff release it",
        *(sends(to="bob", reference="invoice 7"), becomes("COMPLETED")),
        *(sends(to="bob", reference="invoice 7"), becomes("HELD"), staff("release")),
        ends("RECEIVED VALIDATED HELD FUNDED COMPLETED"),
        has("986.00"),
    ),
    Story(
        "it looks like the one before; staff reject it",
        *(sends(to="bob", reference="invoice 7"), becomes("COMPLETED")),
        *(sends(to="bob", reference="invoice 7"), becomes("HELD"), staff("reject")),
        ends("RECEIVED VALIDATED HELD REJECTED", reason="FRAD"),
        has("993.00"),
    ),
    Story(
        "it looks like the one before; only compliance may block it",
        *(sends(to="bob", reference="invoice 7"), becomes("COMPLETED")),
        *(sends(to="bob", reference="invoice 7"), becomes("HELD")),
        *(staff("block", refused="command_not_yours"), compliance("block")),
        ends("RECEIVED VALIDATED HELD BLOCKED", reason="RR04"),
        has("993.00"),
    ),
    Story(
        "it looks like the one before; Ann cancels it",
        *(sends(to="bob", reference="invoice 7"), becomes("COMPLETED")),
        *(sends(to="bob", reference="invoice 7"), becomes("HELD"), customer("cancel")),
        ends("RECEIVED VALIDATED HELD CANCELLED"),
        has("993.00"),
    ),
    Story(
        "it is released when the money is gone",
        *(sends("300.00", to="bob", reference="invoice 7"), becomes("COMPLETED")),
        *(sends("300.00", to="bob", reference="invoice 7"), becomes("HELD")),
        *(pays_away("500.00"), staff("release")),
        ends("RECEIVED VALIDATED HELD REJECTED", reason="AM04"),
        has("200.00"),
    ),
)

SCHEDULED = (
    Story(
        "it is paid on its day",
        *(sends(to="bob", in_days=1), becomes("SCHEDULED"), has("1000.00")),
        its_deadline_passes(),
        ends("RECEIVED SCHEDULED VALIDATED FUNDED COMPLETED"),
        has("993.00"),
    ),
    Story(
        "Ann is suspended when its day comes",
        *(sends(to="bob", in_days=1), becomes("SCHEDULED"), suspended("ann")),
        its_deadline_passes(),
        ends("RECEIVED SCHEDULED REJECTED", reason="AG01"),
        has("1000.00"),
    ),
    Story(
        "Ann cancels it before its day",
        *(sends(to="bob", in_days=1), becomes("SCHEDULED"), customer("cancel")),
        ends("RECEIVED SCHEDULED CANCELLED"),
    ),
    Story(
        "it looks like another one of its day, is released before, and paid on it",
        *(sends(to="bob", reference="rent", in_days=1), becomes("SCHEDULED")),
        *(sends(to="bob", reference="rent", in_days=1), becomes("HELD")),
        *(staff("release"), becomes("SCHEDULED"), its_deadline_passes()),
        ends("RECEIVED HELD SCHEDULED VALIDATED FUNDED COMPLETED"),
    ),
    Story(
        "it looks like another one of its day and is released after it",
        *(sends(to="bob", reference="rent", in_days=1), becomes("SCHEDULED")),
        *(sends(to="bob", reference="rent", in_days=1), becomes("HELD")),
        *(time_passes(days=1), staff("release")),
        ends("RECEIVED HELD VALIDATED FUNDED COMPLETED"),
    ),
)

CLAIMED = (
    Story(
        "nobody has the address until Bob makes it his",
        *(sends(to="nobody"), becomes("AWAITING_CLAIM"), has("1000.00", held="7.00")),
        enrols("bob"),
        ends("RECEIVED VALIDATED FUNDED AWAITING_CLAIM COMPLETED"),
        has("993.00"),
        has("1007.00", who="bob"),
    ),
    Story(
        "the address turns out to be Ann's own",
        *(sends(to="nobody"), becomes("AWAITING_CLAIM"), enrols("ann")),
        ends("RECEIVED VALIDATED FUNDED AWAITING_CLAIM REJECTED", reason="AG01"),
        has("1000.00"),
    ),
    Story(
        "the address turns out to be served at another bank",
        *(saves("nobody"), another_bank_serves_it(), sends(to="nobody")),
        ends("RECEIVED VALIDATED FUNDED AWAITING_CLAIM SUBMITTED COMPLETED"),
        has("993.00"),
    ),
    Story(
        "Ann does not wait any longer",
        *(sends(to="nobody"), becomes("AWAITING_CLAIM"), customer("cancel")),
        ends("RECEIVED VALIDATED FUNDED AWAITING_CLAIM CANCELLED"),
        has("1000.00"),
    ),
    Story(
        "nobody makes the address theirs in time",
        *(sends(to="nobody"), becomes("AWAITING_CLAIM"), its_deadline_passes()),
        ends("RECEIVED VALIDATED FUNDED AWAITING_CLAIM EXPIRED", reason="NOAS"),
        has("1000.00"),
    ),
)

ANSWERED = (
    Story("Faye's bank takes it", sends(), ends(_PAID), has("993.00")),
    Story(
        "Faye's account is closed",
        sends(reference="SIM-AC04"),
        ends(f"{_SENT} REJECTED", reason="AC04"),
        has("1000.00"),
    ),
    Story(
        "the network answers three times",
        sends(reference="SIM-DUPLICATE-ANSWER"),
        says("in pacs.002 ACSC", times=2),
        ends(_PAID),
        has("993.00"),
    ),
    Story(
        "Faye's bank sends it back",
        sends(reference="SIM-RETURN-FOCR"),
        becomes("COMPLETED"),
        causes("return", "RECEIVED RETURNED"),
        ends(_PAID),
        has("1000.00"),
    ),
    Story(
        "Faye's bank sends half of it back",
        sends(reference="SIM-RETURN-PART-FOCR"),
        becomes("COMPLETED"),
        causes("return", "RECEIVED RETURNED"),
        ends(_PAID),
        has("996.50"),
    ),
    Story(
        "an account elsewhere is paid when InterFi settles, some days later",
        *(sends(to="account"), becomes("SUBMITTED"), says("in pacs.002 ACSP")),
        the_network_s_time_passes("interfi", days=6),
        ends(_PAID),
        has("993.00"),
    ),
    Story(
        "an account elsewhere is closed",
        sends(to="account", reference="SIM-AC04"),
        ends(f"{_SENT} REJECTED", reason="AC04"),
        has("1000.00"),
    ),
)

INVESTIGATED = (
    Story(
        "the network says nothing; asked, it has paid",
        *(sends(reference="SIM-NO-ANSWER"), becomes("SUBMITTED"), its_deadline_passes()),
        ends(f"{_SENT} INVESTIGATE COMPLETED"),
        says("out pacs.028"),
        has("993.00"),
    ),
    Story(
        "the network says nonsense; asked, it has paid",
        *(sends(reference="SIM-GARBLED"), becomes("SUBMITTED"), its_deadline_passes()),
        ends(f"{_SENT} INVESTIGATE COMPLETED"),
        has("993.00"),
    ),
    Story(
        "the network lost it; asked, it knows nothing of it",
        *(sends(reference="SIM-LOST"), becomes("SUBMITTED"), its_deadline_passes()),
        ends(f"{_SENT} INVESTIGATE REJECTED", reason="AG09"),
        has("1000.00"),
    ),
    Story(
        "the network is late: asked it says so, and the answer itself changes nothing more",
        *(sends(reference="SIM-LATE-ANSWER"), becomes("SUBMITTED"), its_deadline_passes()),
        *(becomes("COMPLETED"), the_network_s_time_passes(seconds=61)),
        says("in pacs.002 ACSC", times=2),
        ends(f"{_SENT} INVESTIGATE COMPLETED"),
        has("993.00"),
    ),
    Story(
        "the network needs time and is asked twice",
        *(sends(reference="SIM-TIMEOUT-1000"), becomes("SUBMITTED"), its_deadline_passes()),
        *(becomes("INVESTIGATE"), says("in pacs.002 PDNG"), its_deadline_passes()),
        *(says("in pacs.002 PDNG", times=2), the_network_s_time_passes(seconds=1000)),
        ends(f"{_SENT} INVESTIGATE INVESTIGATE+ COMPLETED"),
        has("993.00"),
    ),
    Story(
        "staff ask once more and learn by telephone that it was paid",
        *(sends(reference="SIM-TIMEOUT-90000"), becomes("SUBMITTED"), its_deadline_passes()),
        *(becomes("INVESTIGATE"), staff("enquire"), staff("confirm_paid")),
        ends(f"{_SENT} INVESTIGATE INVESTIGATE COMPLETED"),
        has("993.00"),
    ),
    Story(
        "staff learn by telephone that it was not paid",
        *(sends(reference="SIM-STUCK"), becomes("SUBMITTED"), its_deadline_passes()),
        *(becomes("INVESTIGATE"), staff("confirm_unpaid")),
        ends(f"{_SENT} INVESTIGATE REJECTED", reason="NOAS"),
        has("1000.00"),
    ),
)

STORIES = (*ON_US, *HELD, *SCHEDULED, *CLAIMED, *ANSWERED, *INVESTIGATED)
