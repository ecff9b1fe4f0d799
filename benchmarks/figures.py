"""What every measure shares: a figure is one JSON object, times are in milliseconds, ranks are exact."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from devstack.client import Document

Figure = dict[str, Any]


def at_of(end: Document) -> float:
    """When a history item was made, in epoch seconds."""
    return datetime.fromisoformat(end["at"]).timestamp()


def percentiles_ms(seconds: Sequence[float]) -> Figure:
    """Nearest-rank percentiles; of nothing there are none."""
    ranked = sorted(seconds)
    if not ranked:
        return {"count": 0}

    def at_rank(share: float) -> float:
        return round(ranked[max(0, math.ceil(share * len(ranked)) - 1)] * 1000, 1)

    return {
        "count": len(ranked),
        "p50": at_rank(0.5),
        "p95": at_rank(0.95),
        "p99": at_rank(0.99),
        "max": at_rank(1),
    }
