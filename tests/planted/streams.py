"""Bugs in capture, in the flows' shells, in the audit trail and in the feed."""

from collections.abc import Iterator
from typing import Any

from pymongo.errors import BulkWriteError

from apps.audit.domain import entry
from apps.console.feed import Feed
from apps.kernel.ids import new_id
from dpms_site import lease
from streaming.capture import connector
from streaming.flows import offsets
from streaming.flows.audit.recorder import Recorder
from streaming.flows.gather import Gather
from streaming.kafka import reader
from tests.planted.ground import planted, replace, replace_in

CONNECTOR = "tests/unit/streaming/test_connector.py"
GATHER = "tests/unit/streaming/test_gather.py"
BEGINNINGS = "tests/unit/streaming/test_beginnings.py"
RECORDER = "tests/integration/audit/test_recorder.py"
FEED = "tests/integration/console/test_feed.py"


def _tells(**settings: str) -> None:
    real = connector.connector_config
    replace(real, lambda config: real(config) | settings)


@planted(
    "Records are keyed by their topic and not by the order's id.",
    caught_by=f"{CONNECTOR}::test_the_key_of_a_record_stays_the_document_s_id",
    says="ValueToKey",
)
def key_not_the_order_id() -> None:
    kind = "org.apache.kafka.connect.transforms.ValueToKey"
    _tells(
        **{
            "transforms": "name,key",
            "transforms.key.type": kind,
            "transforms.key.fields": "source",
        }
    )


@planted(
    "The image of a change is looked up when the change is read.",
    caught_by=f"{CONNECTOR}::test_an_image_is_of_its_own_change_and_no_look_up",
    says="post_image",
)
def look_up_instead_of_post_image() -> None:
    _tells(**{"capture.mode.full.update.type": "lookup"})


@planted(
    "A flow that never read begins at what comes next.",
    caught_by=f"{BEGINNINGS}::test_a_flow_that_never_read_begins_at_the_first_record",
    says="4711",
)
def latest_for_flows() -> None:
    def latest(consumer: Any, partition: Any) -> Any:
        _, high = consumer.get_watermark_offsets(partition, 1)
        return type(partition)(partition.topic, partition.partition, high)

    replace(offsets._earliest, latest)


@planted(
    "The bridge begins at what comes next when it has no offsets.",
    caught_by=f"{BEGINNINGS}::test_a_reader_without_offsets_begins_at_the_first_record_and_commits_only_when_told",
    says="earliest",
)
def latest_for_the_bridge() -> None:
    def begins(self: Any, **how: Any) -> None:
        vars(reader)["Consumer"] = _with_latest(vars(reader)["Consumer"])
        real(self, **how)

    def _with_latest(consumer: Any) -> Any:
        return lambda settings, **more: consumer(settings | {"auto.offset.reset": "latest"}, **more)

    real = reader.Reader.__init__
    replace_in(reader.Reader, "__init__", begins)


@planted(
    "Offsets are committed before the batch has its effect.",
    caught_by="tests/unit/console/test_reader.py::test_commits_nothing_of_a_batch_that_failed",
    says="assert",
)
def offset_before_effect() -> None:
    def run(source: Any, handle: Any, *, keep_going: Any, poll_seconds: float = 0.25) -> None:
        while keep_going():
            if records := source.poll(seconds=poll_seconds):
                source.commit()
                handle(records)

    replace(reader.run, run)


@planted(
    "Keyed state is cleared before the batch has its effect.",
    caught_by=f"{GATHER}::test_an_effect_that_fails_leaves_the_batch_where_it_was",
    says="assert",
)
def state_cleared_before_effect() -> None:
    def hand_over(self: Any, _ctx: Any) -> Iterator[str]:
        waiting = list(self._waiting.get())
        self._waiting.clear()
        self._counts.clear()
        for letter in self.hand_over(waiting) if waiting else ():
            yield str(letter)

    replace_in(Gather, "_hand_over", hand_over)


@planted(
    "What waits for its batch waits in the operator's object.",
    caught_by=f"{GATHER}::test_what_waits_is_handed_over_by_who_takes_over_the_state",
    says="assert",
)
def buffer_outside_state() -> None:
    def process(self: Any, value: Any, _ctx: Any) -> Iterator[str]:
        vars(self).setdefault("buffer", []).append(self.gathered(value))
        yield from ()

    def on_timer(self: Any, _at: int, _ctx: Any) -> Iterator[str]:
        self.hand_over(vars(self).pop("buffer", []))
        yield from ()

    replace_in(Gather, "process_element", process)
    replace_in(Gather, "on_timer", on_timer)


@planted(
    "An entry of the trail does not say what was before.",
    caught_by="tests/unit/audit/test_entry.py::test_an_entry_tells_what_changed_who_when_and_where_it_stands",
    says="before",
)
def entry_without_before() -> None:
    real = entry.entry_of

    def entry_of(*args: Any, **last: Any) -> Any:
        made = real(*args, **last)
        return made and {**made, "before": None}

    replace(real, entry_of)


@planted(
    "The id of an entry is drawn and not derived from the change.",
    caught_by=f"{RECORDER}::test_a_batch_delivered_twice_is_in_the_trail_once",
    says="assert",
)
def entry_id_random() -> None:
    replace(entry.entry_id, lambda change: new_id("aud", change.changed_at))


@planted(
    "An entry that no majority has is taken for recorded.",
    caught_by=f"{RECORDER}::test_an_entry_that_no_majority_has_is_never_called_recorded",
    says="DID NOT RAISE",
)
def trail_of_one_node() -> None:
    def insert(self: Any, entries: Any) -> list[Any]:
        try:
            if entries:
                self._trail.insert_many(entries, ordered=False)
        except BulkWriteError:
            return []
        return []

    replace_in(Recorder, "_insert", insert)


@planted(
    "What has a number in the feed already gets another.",
    caught_by=f"{FEED}::test_passes_over_a_record_that_comes_again",
    says="Superseded",
)
def numbered_twice() -> None:
    replace_in(Feed, "_leave_out_numbered", lambda *_: {})


@planted(
    "A leader goes on numbering though another one wrote the number.",
    caught_by=f"{FEED}::test_lets_only_one_of_two_leaders_write",
    says="DID NOT RAISE",
)
def feed_without_fence() -> None:
    real = Feed.append

    def append(self: Feed, records: Any) -> int:
        self.take_over()
        return real(self, records)

    replace_in(Feed, "append", append)


@planted(
    "Whoever asks holds the lease.",
    caught_by="tests/integration/console/test_lease.py::test_is_held_by_one_at_a_time",
    says="assert not",
)
def lease_for_everybody() -> None:
    replace_in(lease.Lease, "_take", lambda _: True)
