"""A sandbox's credentials are invented once, cover every role, and are readable by their owner only."""

import stat
from pathlib import Path

from devstack import credentials
from devstack.rundir import RunDirectory


def test_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)

    credentials.ensure(run)

    assert stat.S_IMODE(run.credentials.stat().st_mode) == 0o600


def test_stay_the_same(tmp_path: Path) -> None:
    first = credentials.ensure(RunDirectory(tmp_path))

    assert credentials.ensure(RunDirectory(tmp_path)) == first


def test_differ_between_directories(tmp_path: Path) -> None:
    one = credentials.ensure(RunDirectory(tmp_path / "one"))
    two = credentials.ensure(RunDirectory(tmp_path / "two"))

    assert one["client_secret"] != two["client_secret"]
    assert one["secret_key"] != two["secret_key"]
    assert {s["password"] for s in one["staff"]}.isdisjoint(s["password"] for s in two["staff"])


def test_have_one_person_for_every_role(tmp_path: Path) -> None:
    staff = credentials.ensure(RunDirectory(tmp_path))["staff"]

    assert [person["role"] for person in staff] == list(credentials.ROLES)
    assert len({person["password"] for person in staff}) == len(credentials.ROLES)
