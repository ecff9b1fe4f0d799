"""Many histories on two processors at once, until one of them is wrong."""

import gc
import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Protocol

from apps.kernel.findings import Problem
from tests.simulator.history import play as play_simulator


class Result(Protocol):
    """What became of one history."""

    @property
    def seed(self) -> int: ...

    @property
    def problems(self) -> list[Problem]: ...

    @property
    def struck(self) -> Counter[str]: ...


Play = Callable[[int], Result]

PROCESSES = 2
_CHUNK = 250


def play_all(
    seeds: Sequence[int], play: Play = play_simulator
) -> tuple[Counter[str], Result | None]:
    """How often each fault struck, and the first history that is wrong."""
    struck = Counter[str]()
    # Forked: what is imported need not be imported again.
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(PROCESSES, mp_context=context)
    try:
        for counted, wrong in pool.map(partial(_play_chunk, play), _chunks(seeds)):
            struck.update(counted)
            if wrong is not None:
                return struck, wrong
    finally:
        pool.shutdown(cancel_futures=True)
    return struck, None


def _play_chunk(play: Play, seeds: Iterable[int]) -> tuple[Counter[str], Result | None]:
    struck = Counter[str]()
    # What was imported lives as long as the process: the collector need not look at it again and again.
    gc.freeze()
    # Nor is there much to find: what a history leaves goes when the next one takes its place.
    gc.set_threshold(50_000, 20, 100)
    for seed in seeds:
        result = play(seed)
        struck.update(result.struck)
        if result.problems:
            return struck, result
    return struck, None


def _chunks(seeds: Sequence[int]) -> Iterator[Sequence[int]]:
    for begin in range(0, len(seeds), _CHUNK):
        yield seeds[begin : begin + _CHUNK]


def told(wrong: Result | None, module: str = "tests.simulator") -> str:
    """What is wrong and how to see it again; empty when nothing is."""
    if wrong is None:
        return ""
    problems = [f"{each.id}: {each.rule}: {each.detail}" for each in wrong.problems]
    replay = f"replay: python -m {module} --seed {wrong.seed} --trace"
    return "\n".join([*problems, replay])
