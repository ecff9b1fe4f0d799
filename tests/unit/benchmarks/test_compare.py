"""Comparing variants: ratios of medians, so that a slow minute of the machine decides nothing."""

import argparse

import pytest

from benchmarks.compare import ratios, variant


def _rate(name: str, per_second: float, **used: float) -> dict[str, object]:
    return {
        "variant": name,
        "figure": "sustained_final_per_second",
        "by": "single orders",
        "clients": 16,
        "per_second": per_second,
        "processor_ms_per_order": used,
    }


def test_the_ratio_is_that_of_the_medians_to_the_first_variant() -> None:
    lines = [
        _rate("old", 100),
        _rate("new", 150),
        _rate("old", 20),
        _rate("old", 120),
        _rate("new", 150),
    ]

    found = ratios([{"figure": "machine"}, *lines], ["old", "new"])

    assert found[0]["of"] == "sustained_final_per_second single orders 16"
    assert found[0]["to_first"] == {"old": 1.0, "new": 1.5}


def test_processor_time_is_the_sum_of_all_parts() -> None:
    lines = [_rate("old", 1, web=1.5, mongod=2.5), _rate("new", 1, web=1.0, mongod=1.0)]

    found = {each["of"]: each for each in ratios(lines, ["old", "new"])}

    used = found["sustained_final_per_second single orders 16 processor_ms_per_order"]
    assert used["to_first"] == {"old": 1.0, "new": 0.5}


def test_latencies_are_told_apart_by_load_and_by_who_saw_them() -> None:
    latency = {"variant": "old", "figure": "accept_to_final_ms", "per_second": 50, "p50": 80.0}

    found = ratios([latency | {"by": "at"}, latency | {"by": "seen"}], ["old"])

    assert [each["of"] for each in found] == [
        "accept_to_final_ms at 50 p50",
        "accept_to_final_ms seen 50 p50",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("new", "write NAME=CHECKOUT"),
        ("new=/nowhere", "is no checkout"),
        ("new=.,FAST", "write VARIABLE=VALUE"),
    ],
)
def test_a_variant_that_is_not_understood_is_refused_with_how_to_write_it(
    text: str, says: str
) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=says):
        variant(text)


def test_a_variant_is_a_checkout_and_its_settings() -> None:
    found = variant("process=.,DPMS_FLINK_MODE=process")

    assert (found.name, found.environment) == ("process", {"DPMS_FLINK_MODE": "process"})
