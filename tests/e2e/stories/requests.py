"""Money that is asked for: lifecycle 3c, a story a row.

Ann asks Bob, who banks here, or Faye at another bank; or somebody at another bank asks Ann. Each has 1000.00 at first.
"""

from tests.support.stories.deeds import (
    asks,
    far_bank_says,
    is_asked,
    is_paid,
    pays_away,
    splits,
    the_asker_takes_it_back,
)
from tests.support.stories.outcomes import (
    becomes,
    causes,
    customer,
    ends,
    has,
    its_deadline_passes,
    of_its_payment,
    says,
    staff,
    takes_step,
    time_passes,
)
from tests.support.stories.story import Step, Story

_ON_US = "RECEIVED DELIVERED"
_SENT = "RECEIVED SUBMITTED"
_PAID_HERE = "RECEIVED VALIDATED FUNDED COMPLETED"
_SILENT = "SIM-NO-ANSWER"

AMONG_OURS = (
    Story(
        "Bob sees it and pays",
        *(asks(), becomes("DELIVERED"), customer("present"), customer("accept")),
        *(causes("send", _PAID_HERE), ends(f"{_ON_US} PRESENTED ACCEPTED PAID")),
        *(has("1030.00"), has("970.00", who="bob")),
    ),
    Story(
        "Bob pays without having looked",
        *(asks(), becomes("DELIVERED"), customer("accept"), ends(f"{_ON_US} ACCEPTED PAID")),
        has("1030.00"),
    ),
    Story(
        "Bob declines at once",
        *(asks(), becomes("DELIVERED"), customer("decline"), ends(f"{_ON_US} DECLINED")),
        customer("accept", refused="order_final"),
    ),
    Story(
        "Bob looks and declines",
        *(asks(), becomes("DELIVERED"), customer("present"), customer("decline")),
        ends(f"{_ON_US} PRESENTED DECLINED", reason="CUST"),
    ),
    Story(
        "Ann takes it back",
        *(asks(), becomes("DELIVERED"), customer("cancel"), ends(f"{_ON_US} CANCELLED")),
    ),
    Story(
        "Ann takes back what Bob has seen",
        *(asks(), becomes("DELIVERED"), customer("present"), customer("cancel")),
        ends(f"{_ON_US} PRESENTED CANCELLED"),
    ),
    Story(
        "Bob never looks",
        *(asks(), becomes("DELIVERED"), its_deadline_passes(), ends(f"{_ON_US} EXPIRED")),
    ),
    Story(
        "Bob looks and forgets",
        *(asks(), becomes("DELIVERED"), customer("present"), becomes("PRESENTED")),
        *(its_deadline_passes(), ends(f"{_ON_US} PRESENTED EXPIRED", reason="NOAS")),
    ),
    Story(
        "nobody here or elsewhere has the address",
        *(asks(of="nobody"), ends("RECEIVED REJECTED", reason="AC01")),
    ),
    Story(
        "the one who pays has not so much; later he has, and pays",
        *(asks("990.00"), becomes("DELIVERED"), pays_away("900.00", by="bob")),
        *(customer("accept"), becomes("BROKEN_PROMISE"), pays_away("900.00")),
        *(customer("accept"), ends(f"{_ON_US} ACCEPTED BROKEN_PROMISE ACCEPTED PAID")),
    ),
    Story(
        "Bob promises and has not so much; then he declines",
        *(asks("1000.01"), becomes("DELIVERED"), customer("accept"), becomes("BROKEN_PROMISE")),
        *(customer("decline"), ends(f"{_ON_US} ACCEPTED BROKEN_PROMISE DECLINED")),
    ),
    Story(
        "Bob promises and has not so much; Ann takes it back",
        *(asks("1000.01"), becomes("DELIVERED"), customer("accept"), becomes("BROKEN_PROMISE")),
        *(customer("cancel"), ends(f"{_ON_US} ACCEPTED BROKEN_PROMISE CANCELLED")),
    ),
    Story(
        "Bob promises, has not so much and says nothing more",
        *(asks("1000.01"), becomes("DELIVERED"), customer("accept"), becomes("BROKEN_PROMISE")),
        *(its_deadline_passes(), ends(f"{_ON_US} ACCEPTED BROKEN_PROMISE EXPIRED")),
    ),
)

SPLIT = (
    Story(
        "everybody pays a share",
        *(
            splits(("bob", "10.00"), ("cleo", "20.00")),
            customer("cancel", refused="request_not_open"),
        ),
        *(customer("accept", share_of="bob"), customer("accept", share_of="cleo")),
        *(ends("RECEIVED SPLIT PAID"), has("1030.00"), has("980.00", who="cleo")),
    ),
    Story(
        "one pays, one declines",
        *(splits(("bob", "10.00"), ("cleo", "20.00")), customer("decline", share_of="bob")),
        *(customer("accept", share_of="cleo"), ends("RECEIVED SPLIT DECLINED"), has("1020.00")),
    ),
    Story(
        "one pays, of the other it is not asked any more",
        *(splits(("bob", "10.00"), ("cleo", "20.00")), customer("cancel", share_of="bob")),
        *(customer("accept", share_of="cleo"), ends("RECEIVED SPLIT CANCELLED"), has("1020.00")),
    ),
    Story(
        "one pays, the other says nothing",
        *(splits(("bob", "10.00"), ("cleo", "20.00")), customer("accept", share_of="bob")),
        *(time_passes(days=3), ends("RECEIVED SPLIT EXPIRED"), has("1010.00")),
    ),
)

# How far a request of Ann's came at Faye's bank …
_CAME: dict[str, tuple[str, tuple[Step, ...]]] = {
    "that only went out": ("", ()),
    "that arrived": (" DELIVERED", (far_bank_says("RCVD"), becomes("DELIVERED"))),
    "that arrived and was seen": (
        " DELIVERED PRESENTED",
        *(
            (
                far_bank_says("RCVD"),
                becomes("DELIVERED"),
                far_bank_says("PRES"),
                becomes("PRESENTED"),
            ),
        ),
    ),
    "that needs time": (" PENDING", (far_bank_says("PDNG"), becomes("PENDING"))),
}
# … and what became of it then.
_BECAME: dict[str, tuple[str, tuple[Step, ...]]] = {
    "is accepted and paid": (
        "ACCEPTED PAID",
        (far_bank_says("ACTC"), becomes("ACCEPTED"), is_paid("30.00")),
    ),
    "is paid without a word": ("PAID", (is_paid("30.00"),)),
    "is declined": ("DECLINED", (far_bank_says("RJCT", "AM04"),)),
    "is taken back": ("CANCEL_PENDING CANCELLED", (customer("cancel"),)),
    "is forgotten": ("EXPIRED", (its_deadline_passes(),)),
}

OF_ANOTHER_BANK = tuple(
    Story(
        f"a request {came} {became}",
        *(asks(of="far", reference=_SILENT), becomes("SUBMITTED"), *at_first, *then),
        ends(f"{_SENT}{way} {end}"),
        has("1030.00" if end.endswith("PAID") else "1000.00"),
    )
    for came, (way, at_first) in _CAME.items()
    for became, (end, then) in _BECAME.items()
)

ANSWERED_ELSEWHERE = (
    Story(
        "Faye pays at once",
        *(asks(of="far", reference="SIM-PAY"), ends(f"{_SENT} ACCEPTED? PAID"), has("1030.00")),
    ),
    Story(
        "Faye, who is asked, has closed her account",
        *(asks(of="far", reference="SIM-AC04"), ends(f"{_SENT} DECLINED", reason="AC04")),
    ),
    Story(
        "it arrived, then Faye's bank needs time, then it is paid",
        *(asks(of="far", reference=_SILENT), becomes("SUBMITTED"), far_bank_says("RCVD")),
        *(becomes("DELIVERED"), far_bank_says("PDNG"), becomes("PENDING"), is_paid("30.00")),
        ends(f"{_SENT} DELIVERED PENDING PAID"),
    ),
    Story(
        "Faye sees it, then her bank needs time and declines",
        *(asks(of="far"), becomes("PRESENTED"), far_bank_says("PDNG"), becomes("PENDING")),
        *(
            far_bank_says("RJCT", "AM04"),
            ends(f"{_SENT} PRESENTED PENDING DECLINED", reason="AM04"),
        ),
    ),
)

_PROMISED = (asks(of="far", reference="SIM-BROKEN-PROMISE", for_days=20), becomes("ACCEPTED"))
_BROKEN = (*_PROMISED, its_deadline_passes(), becomes("BROKEN_PROMISE"))

PROMISED_ELSEWHERE = (
    Story(
        "Faye promises; her bank declines after all",
        *(*_PROMISED, far_bank_says("RJCT", "AM04"), ends(f"{_SENT} ACCEPTED DECLINED")),
    ),
    Story(
        "Faye breaks her promise and pays later",
        *(*_BROKEN, is_paid("30.00"), ends(f"{_SENT} ACCEPTED BROKEN_PROMISE PAID")),
        has("1030.00"),
    ),
    Story(
        "Faye breaks her promise and promises anew",
        *(*_BROKEN, far_bank_says("ACTC"), becomes("ACCEPTED"), is_paid("30.00")),
        ends(f"{_SENT} ACCEPTED BROKEN_PROMISE ACCEPTED PAID"),
    ),
    Story(
        "Faye breaks her promise and her bank declines",
        *(*_BROKEN, far_bank_says("RJCT", "AM04")),
        ends(f"{_SENT} ACCEPTED BROKEN_PROMISE DECLINED"),
    ),
    Story(
        "Faye breaks her promise and says nothing more",
        *(*_BROKEN, its_deadline_passes(), ends(f"{_SENT} ACCEPTED BROKEN_PROMISE EXPIRED")),
    ),
    Story(
        "Faye breaks her promise; taken back, her bank says that it stands",
        *(*_BROKEN, customer("cancel"), says("in camt.029 RJCR"), becomes("ACCEPTED")),
        is_paid("30.00"),
        ends(f"{_SENT} ACCEPTED BROKEN_PROMISE CANCEL_PENDING ACCEPTED PAID"),
    ),
)

_TAKEN_BACK = (
    *(asks(of="far", reference="SIM-CANCEL-SILENT"), becomes("PRESENTED")),
    *(customer("cancel"), becomes("CANCEL_PENDING")),
)
_UNSURE = f"{_SENT} PRESENTED CANCEL_PENDING"

TAKEN_BACK_ELSEWHERE = (
    Story(
        "Faye paid before her bank heard that it was taken back",
        *(*_TAKEN_BACK, is_paid("30.00"), ends(f"{_UNSURE} PAID"), has("1030.00")),
    ),
    Story(
        "Faye declined before her bank heard that it was taken back",
        *(*_TAKEN_BACK, far_bank_says("RJCT", "CUST"), ends(f"{_UNSURE} DECLINED")),
    ),
    Story(
        "her bank never says that it is taken back",
        *(*_TAKEN_BACK, its_deadline_passes(), ends(f"{_UNSURE} EXPIRED")),
    ),
    Story(
        "her bank keeps it",
        *(asks(of="far", reference="SIM-CANCEL-REFUSED"), becomes("PRESENTED")),
        *(customer("cancel"), becomes("PENDING"), its_deadline_passes()),
        ends(f"{_UNSURE} PENDING EXPIRED"),
    ),
)

ASKED_FROM_ELSEWHERE = (
    Story(
        "Ann sees it and pays over the network",
        *(is_asked(), becomes("DELIVERED"), says("out pain.014 RCVD")),
        *(customer("present"), says("out pain.014 PRES"), customer("accept")),
        causes("send", "RECEIVED VALIDATED FUNDED SUBMITTED COMPLETED"),
        *(ends("RECEIVED DELIVERED PRESENTED ACCEPTED PAID"), says("out pain.014 ACTC")),
        has("991.00"),
    ),
    Story(
        "Ann declines",
        *(is_asked(), becomes("DELIVERED"), customer("cancel", refused="requester_elsewhere")),
        *(customer("decline"), ends("RECEIVED DELIVERED DECLINED"), says("out pain.014 RJCT")),
    ),
    Story(
        "Ann says nothing",
        *(is_asked(), becomes("DELIVERED"), its_deadline_passes()),
        *(ends("RECEIVED DELIVERED EXPIRED"), says("out pain.014 RJCT")),
    ),
    Story(
        "Lena takes it back",
        *(is_asked(), becomes("DELIVERED"), the_asker_takes_it_back()),
        *(ends("RECEIVED DELIVERED CANCELLED", reason="CUST"), says("out camt.029 CNCL")),
    ),
    Story(
        "Lena takes it back too late",
        *(is_asked(), becomes("DELIVERED"), customer("decline"), becomes("DECLINED")),
        *(the_asker_takes_it_back(), says("out camt.029 RJCR")),
        ends("RECEIVED DELIVERED DECLINED"),
    ),
    Story(
        "nobody here has the address that is asked",
        *(is_asked(to="nobody"), ends("RECEIVED REJECTED", reason="AC01")),
        says("out pain.014 RJCT"),
    ),
    Story(
        "Ann promises, the network lost her payment",
        *(is_asked(reference="SIM-LOST"), becomes("DELIVERED"), customer("accept")),
        *(becomes("ACCEPTED"), of_its_payment(its_deadline_passes()), becomes("BROKEN_PROMISE")),
        *(customer("decline"), ends("RECEIVED DELIVERED ACCEPTED BROKEN_PROMISE DECLINED")),
        has("1000.00"),
    ),
    Story(
        "Ann promises, nobody knows of her payment for days, and it was made",
        *(is_asked(reference="SIM-TIMEOUT-9000000"), becomes("DELIVERED"), customer("accept")),
        *(becomes("ACCEPTED"), its_deadline_passes(), becomes("BROKEN_PROMISE")),
        of_its_payment(staff("confirm_paid")),
        ends("RECEIVED DELIVERED ACCEPTED BROKEN_PROMISE PAID"),
        has("991.00"),
    ),
    Story(
        "Ann promises, nobody knows of her payment for days, and it was not made",
        *(is_asked(reference="SIM-STUCK"), becomes("DELIVERED"), customer("accept")),
        *(becomes("ACCEPTED"), its_deadline_passes(), becomes("BROKEN_PROMISE")),
        of_its_payment(staff("confirm_unpaid")),
        *(takes_step(5), customer("decline")),
        ends("RECEIVED DELIVERED ACCEPTED BROKEN_PROMISE BROKEN_PROMISE DECLINED"),
        has("1000.00"),
    ),
)

STORIES = (
    *(*AMONG_OURS, *SPLIT, *OF_ANOTHER_BANK, *ANSWERED_ELSEWHERE, *PROMISED_ELSEWHERE),
    *(*TAKEN_BACK_ELSEWHERE, *ASKED_FROM_ELSEWHERE),
)
