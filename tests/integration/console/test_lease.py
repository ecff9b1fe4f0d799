"""A lease …"""

from datetime import UTC, datetime

from pymongo.database import Database

from dpms_site.lease import BRIDGE, Lease
from dpms_site.mongodb import Document


def a_lease(database: Database[Document], holder: str) -> Lease:
    return Lease(database["leases"], name=BRIDGE, holder=holder)


def test_is_held_by_one_at_a_time(database: Database[Document]) -> None:
    first, second = a_lease(database, "one"), a_lease(database, "two")

    assert first.hold()

    assert not second.hold()
    assert first.hold()


def test_passes_on_at_once_when_it_is_released(database: Database[Document]) -> None:
    first = a_lease(database, "one")
    first.hold()

    first.release()

    assert a_lease(database, "two").hold()


def test_passes_on_when_it_ran_out(database: Database[Document]) -> None:
    a_lease(database, "one").hold()
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    database["leases"].update_one({"_id": BRIDGE}, {"$set": {"until": long_ago}})

    assert a_lease(database, "two").hold()

    (document,) = database["leases"].find()
    assert document["holder"] == "two"
    assert document["until"] > document["renewed_at"]


def test_is_not_taken_away_by_the_release_of_a_former_holder(
    database: Database[Document],
) -> None:
    former, present = a_lease(database, "one"), a_lease(database, "two")
    former.hold()
    former.release()
    present.hold()

    former.release()

    assert not a_lease(database, "three").hold()
