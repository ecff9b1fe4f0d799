"""Many histories on two processors at once, until one of them is wrong."""

import multiprocessing
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from tests.simulator.history import Result, play

PROCESSES = 2
_CHUNK = 250


def play_all(seeds: Sequence[int]) -> tuple[Counter[str], Result | None]:
    """How often each fault struck, and the first history that is wrong."""
    struck = Counter[str]()
    # Forked: what is imported need not be imported again.
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(PROCESSES, mp_context=context)
    try:
        for counted, wrong in pool.map(_play_chunk, _chunks(seeds)):
            struck.update(counted)
            if wrong is not None:
                return struck, wrong
    finally:
        pool.shutdown(cancel_futures=True)
    return struck, None


def _play_chunk(seeds: Iterable[int]) -> tuple[Counter[str], Result | None]:
    struck = Counter[str]()
    for seed in seeds:
        result = play(seed)
        struck.update(result.struck)
        if result.problems:
            return struck, result
    return struck, None


def _chunks(seeds: Sequence[int]) -> Iterator[Sequence[int]]:
    for begin in range(0, len(seeds), _CHUNK):
        yield seeds[begin : begin + _CHUNK]


def told(wrong: Result | None) -> str:
    """What is wrong and how to see it again; empty when nothing is."""
    if wrong is None:
        return ""
    problems = [f"{each.id}: {each.rule}: {each.detail}" for each in wrong.problems]
    replay = f"replay: python -m tests.simulator --seed {wrong.seed} --trace"
    return "\n".join([*problems, replay])
