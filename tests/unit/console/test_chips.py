"""The chips above a list …"""

from urllib.parse import parse_qs

from apps.console.chips import Chip, chips
from apps.console.filter import parsed
from apps.console.marks import STATUSES

COUNTS = {"HELD": 2, "COMPLETED": 40}


def chip_of(text: str, status: str) -> Chip:
    (found,) = [chip for chip in chips(parsed(text), COUNTS) if chip.status == status]
    return found


def q_of(chip: Chip) -> str:
    return parse_qs(chip.url.removeprefix("?")).get("q", [""])[0]


def on(text: str) -> set[str]:
    return {chip.status for chip in chips(parsed(text), COUNTS) if chip.is_on}


def test_name_every_status_whatever_the_filter_says() -> None:
    for text in ("", "status:HELD", "amount>=5 -status:HELD"):
        found = [chip.status for chip in chips(parsed(text), COUNTS)]
        assert found[0] == ""
        assert sorted(found[1:]) == sorted(STATUSES)


def test_begin_with_those_that_orders_have_and_of_them_with_the_urgent_ones() -> None:
    counts = {"COMPLETED": 40, "FUNDED": 1, "REJECTED": 3, "HELD": 2, "EXPIRED": 0}

    found = [chip.status for chip in chips(parsed("status:PENDING"), counts)]

    assert found[:6] == ["", "HELD", "PENDING", "REJECTED", "COMPLETED", "FUNDED"]


def test_are_on_as_the_parsed_filter_says() -> None:
    assert on("amount>=5") == {""}
    assert on("status:held,COMPLETED Rent 12") == {"HELD", "COMPLETED"}
    assert on("-status:COMPLETED") == set(STATUSES) - {"COMPLETED"}
    # In quotes it is a reference, not a term.
    assert on('"status:HELD"') == {""}


def test_choose_one_status_and_keep_the_rest_of_the_filter() -> None:
    text = 'status:HELD amount>=5 "Rent  12" -status:REJECTED'

    assert q_of(chip_of(text, "COMPLETED")) == 'amount>=5 "Rent  12" status:COMPLETED'
    assert q_of(chip_of(text, "")) == 'amount>=5 "Rent  12"'


def test_lead_back_to_all_from_the_only_one_chosen() -> None:
    assert q_of(chip_of("amount>=5 status:HELD", "HELD")) == "amount>=5"
    assert q_of(chip_of("status:HELD,COMPLETED", "HELD")) == "status:HELD"


def test_count_zero_where_no_order_is_and_nothing_when_nobody_could_count() -> None:
    assert [chip_of("", status).count for status in ("", "HELD", "REJECTED")] == [42, 2, 0]
    assert {chip.count for chip in chips(parsed(""), None)} == {None}
