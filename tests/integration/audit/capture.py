"""Records as Debezium writes them of changes that a test makes up; each has its own place in Kafka."""

import json
from dataclasses import dataclass
from typing import Any

from bson import json_util

from streaming.flows.audit.recorder import Record

Document = dict[str, Any]
_LEGACY = json_util.LEGACY_JSON_OPTIONS


@dataclass
class Capture:
    """Counts offsets up; `now_ms` is the wall time of the next change."""

    offset: int = 0
    now_ms: int = 1_795_348_800_000

    def created(self, collection: str, after: Document, **source: Any) -> Record:
        return self._record("c", collection, None, after, **source)

    def updated(self, collection: str, before: Document, after: Document, **source: Any) -> Record:
        return self._record("u", collection, before, after, **source)

    def deleted(self, collection: str, before: Document) -> Record:
        return self._record("d", collection, before, None)

    def snapshot(self, collection: str, *documents: Document) -> list[Record]:
        """The rows of a whole snapshot; the last says that it is the last."""
        marks = ["true"] * (len(documents) - 1) + ["last"]
        return [
            self._record("r", collection, None, document, snapshot=mark)
            for document, mark in zip(documents, marks, strict=True)
        ]

    def _record(
        self,
        op: str,
        collection: str,
        before: Document | None,
        after: Document | None,
        **source: Any,
    ) -> Record:
        self.offset += 1
        self.now_ms += 1
        envelope = {
            "before": json_util.dumps(before, json_options=_LEGACY) if before else None,
            "after": json_util.dumps(after, json_options=_LEGACY) if after else None,
            "source": {
                "collection": collection,
                "ts_ms": self.now_ms,
                "ord": self.offset,
                **source,
            },
            "op": op,
            "ts_ms": self.now_ms + 20,
        }
        key = json.dumps({"id": json_util.dumps((after or before or {})["_id"])}).encode()
        value = json.dumps(envelope).encode()
        return key, value, f"dpms.cdc.{collection}", 0, self.offset
