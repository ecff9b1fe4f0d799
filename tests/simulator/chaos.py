"""What goes wrong from outside while a history runs, a few times and at any moment."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from streaming.contracts.topics import topic_of

if TYPE_CHECKING:
    from tests.simulator.history import History


def _token_lost(history: "History") -> None:
    history.connector.lose_token()


def _connector_rewound(history: "History") -> None:
    history.connector.rewind()


def _connector_killed(history: "History") -> None:
    history.connector.restart()


def _tail_lost(history: "History") -> None:
    ends = history.broker.lose_tail()
    history.connector.restart()
    history.bridge.restart()
    for job in history.jobs:
        job.go_back(ends)


def _read_again(history: "History") -> None:
    """Consumers begin at an older offset with the state that they have: everything twice."""
    rng = history.world.rng
    for group in history.broker.groups.values():
        group.update({place: rng.randint(0, offset) for place, offset in group.items()})
    history.bridge.restart()
    for job in history.jobs:
        begin = job.completed.offsets
        begin.update({place: rng.randint(0, offset) for place, offset in begin.items()})
        job.restart()


def _checkpoints_lost(history: "History") -> None:
    for job in history.jobs:
        job.restart(from_the_beginning=True)


def _everything_lost(history: "History") -> None:
    """All data of Kafka and all state of Flink: MongoDB alone is left."""
    history.broker.lose_everything()
    history.connector.lose_everything()
    history.bridge.restart()
    for job in history.jobs:
        job.restart(from_the_beginning=True)


def _mongod_away(history: "History") -> None:
    history.server.restart(history.world.rng.choice((0.5, 4.0, 40.0)))


def _poison(history: "History") -> None:
    rng = history.world.rng
    value = rng.choice((b"\xff\xfe", b"{}", b'{"op": "u", "source": {}}'))
    place, offset = history.broker.produce(topic_of("orders"), bytes([rng.randint(0, 9)]), value)
    history.poisons.add(f"{place[0]}:{place[1]}:{offset}")


def _time_passes(history: "History") -> None:
    """Long enough for a window of likeness to close and for another day to begin."""
    history.world.now += history.world.rng.choice((700.0, 50_000.0))


STRIKES: dict[str, Callable[["History"], None]] = {
    "token lost": _token_lost,
    "connector rewound": _connector_rewound,
    "connector killed": _connector_killed,
    "tail lost": _tail_lost,
    "read again": _read_again,
    "checkpoints lost": _checkpoints_lost,
    "everything lost": _everything_lost,
    "mongod away": _mongod_away,
    "poison": _poison,
    "time passes": _time_passes,
}


def strike_now_and_then(history: "History") -> None:
    world = history.world
    for _ in range(world.rng.choice((0, 1, 1, 2, 3))):
        world.sleep(world.rng.choice((0.02, 0.3, 1.5)) * world.rng.random())
        fault = world.rng.choice([*STRIKES, "token lost", "token lost"])
        world.happens(fault)
        STRIKES[fault](history)
