"""A dead letter in its topic: as much of the record as a producer sends, however bad the record is."""

import json
from typing import Any

import pytest

from streaming.contracts.letters import TEXT_MAX, letter_text

# The least of what the producers send by default: librdkafka's; Flink's is 1,048,576.
PRODUCER_BYTES_MAX = 1_000_000


def a_letter(**fields: Any) -> dict[str, Any]:
    return {"_id": "dpms.cdc.orders:0:7", "offset": 7, "key": b"k", "value": b"v", **fields}


def test_says_all_of_a_small_record() -> None:
    told = json.loads(letter_text(a_letter(value=b"\xff no json")))

    assert told == {**a_letter(key="k"), "value": "\\xff no json"}


@pytest.mark.parametrize("value", [b"\xff" * 4_000_000, "\x00" * 4_000_000, "ÿ" * 4_000_000])
def test_of_the_largest_record_is_cut_to_what_a_producer_sends(value: bytes | str) -> None:
    text = letter_text(a_letter(key=value, value=value, detail=value))

    assert len(text.encode()) < PRODUCER_BYTES_MAX
    told = json.loads(text)
    assert told["_id"] == "dpms.cdc.orders:0:7"
    assert told["cut"] == {"key": 4_000_000, "value": 4_000_000, "detail": 4_000_000}


def test_at_the_limit_is_not_cut() -> None:
    told = json.loads(letter_text(a_letter(value="v" * TEXT_MAX)))

    assert told["value"] == "v" * TEXT_MAX
    assert "cut" not in told
