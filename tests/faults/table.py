"""What a campaign showed, one row a scenario: how often, how many orders, the longest recovery, what did not hold."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Line = Mapping[str, Any]

HEADINGS = ("scenario", "times", "held", "orders", "recovery s", "target s", "violations")
_VIOLATION_CHARACTERS_MAX = 100


def table(lines: Iterable[Line]) -> str:
    """Scenarios in the order in which they were first played, and their sum."""
    of_scenario: dict[str, list[Line]] = {}
    for line in lines:
        of_scenario.setdefault(line["scenario"], []).append(line)
    rows = [_row(name, played) for name, played in of_scenario.items()]
    everything = [line for played in of_scenario.values() for line in played]
    rows.append(("together", *_row("", everything)[1:4], "", "", _row("", everything)[6]))
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows, strict=True)]
    ruled = [HEADINGS, tuple("-" * width for width in widths), *rows]
    told = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in ruled]
    return "\n".join([*told, *_reasons(everything)])


def _row(name: str, played: list[Line]) -> tuple[str, ...]:
    measured = [line["recovery_seconds"] for line in played if "recovery_seconds" in line]
    targets = [line["target_seconds"] for line in played if line.get("target_seconds")]
    results = [line["result"] for line in played]
    wrong = [f"{results.count(bad)} {bad}" for bad in ("FAILED", "SLOW", "skipped")]
    return (
        name,
        str(len(played)),
        str(results.count("held")),
        str(sum(line.get("orders", 0) for line in played)),
        f"{max(measured):.1f}" if measured else "-",
        f"{max(targets):g}" if targets else "-",
        ", ".join(told for told in wrong if not told.startswith("0 ")) or "none",
    )


def _reasons(lines: list[Line]) -> Iterator[str]:
    for line in lines:
        if reason := line.get("reason"):
            told = str(reason).partition("\n")[0][:_VIOLATION_CHARACTERS_MAX]
            yield f"{line['result']}: {line['scenario']} (--seed {line['seed']}): {told}"
