"""What Debezium is told, as far as a wrong word there would lose or mix up changes."""

import pytest

from streaming.capture.connector import connector_config
from streaming.config import Config
from streaming.contracts.collections import CAPTURED, LEFT_OUT

TOLD = connector_config(Config(mongodb_uri="mongodb://u:p@db.example:27017/?replicaSet=rs0"))


def test_the_key_of_a_record_stays_the_document_s_id() -> None:
    """So that all changes of one order are in one partition, in their order."""
    transforms = TOLD["transforms"].split(",")

    kinds = {TOLD[f"transforms.{name}.type"] for name in transforms}

    assert kinds == {"org.apache.kafka.connect.transforms.RegexRouter"}
    assert not [name for name in TOLD if "key.columns" in name or "message.key" in name]


def test_an_image_is_of_its_own_change_and_no_look_up() -> None:
    assert TOLD["capture.mode"] == "change_streams_update_full_with_pre_image"
    assert TOLD["capture.mode.full.update.type"] == "post_image"


def test_a_lost_place_is_healed_by_a_snapshot_and_nothing_large_is_left_out() -> None:
    assert TOLD["snapshot.mode"] == "when_needed"
    assert TOLD["cursor.oversize.handling.mode"] == "fail"
    assert TOLD["producer.override.acks"] == "all"
    assert TOLD.get("errors.tolerance", "none") == "none"


def test_exactly_the_captured_collections_are_included() -> None:
    included = TOLD["collection.include.list"].split(",")

    assert included == [f"dpms.{name}" for name in CAPTURED]
    assert not set(included) & {f"dpms.{name}" for name in LEFT_OUT}


@pytest.mark.parametrize("secret", ["u:p@", ":p@"])
def test_no_password_is_in_the_address(secret: str) -> None:
    assert secret not in TOLD["mongodb.connection.string"]
    assert (TOLD["mongodb.user"], TOLD["mongodb.password"]) == ("u", "p")
