"""How many parallel tasks each flow has: what was asked for with `rescale`, else the configuration's number."""

import json

from streaming.config import Config

# One key group each: a flow never has more tasks, and its state can be spread over up to so many.
PARALLELISM_MAX = 128


def parallelism_of(config: Config, flow: str) -> int:
    """Survives restarts of the stack: a job that is submitted again keeps the number it was given."""
    return _known(config).get(flow, config.flink_parallelism)


def remember(config: Config, flow: str, parallelism: int) -> None:
    path = config.dir / "parallelism.json"
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({**_known(config), flow: parallelism}))
    draft.replace(path)


def _known(config: Config) -> dict[str, int]:
    try:
        known: dict[str, int] = json.loads((config.dir / "parallelism.json").read_text())
    except FileNotFoundError:
        return {}
    return known
