"""Ports of a run directory are chosen once, are free, and stay."""

import socket
from pathlib import Path

import pytest

from devstack import ports
from devstack.failure import StackFailure
from devstack.rundir import RunDirectory


def test_are_different_for_every_name(tmp_path: Path) -> None:
    chosen = ports.remembered(RunDirectory(tmp_path))

    assert set(chosen) == set(ports.NAMES)
    assert len(set(chosen.values())) == len(ports.NAMES)


def test_are_the_same_the_next_time(tmp_path: Path) -> None:
    first = ports.remembered(RunDirectory(tmp_path))

    again = ports.remembered(RunDirectory(tmp_path))

    assert again == first


def test_of_a_part_added_later_are_chosen_without_moving_the_others(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    run.ports.write_text('{"mongod": 20001}')

    chosen = ports.remembered(run)

    assert chosen["mongod"] == 20001
    assert set(chosen) == set(ports.NAMES)


def test_taken_by_another_program_is_refused_by_name() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(StackFailure, match=f"kafka: port {port}"):
            ports.check_free("kafka", port)


def test_given_back_by_another_program_is_free_at_once() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]

    ports.check_free("kafka", port)
