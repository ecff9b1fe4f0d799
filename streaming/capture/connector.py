"""What Debezium is told: which collections, with which images, how fast, and what to do when it lost its place."""

import re

from pymongo.uri_parser import parse_uri

from streaming.config import Config
from streaming.contracts.collections import CAPTURED
from streaming.contracts.topics import PREFIX, RECORD_BYTES_MAX

NAME = "dpms"
_JSON = "org.apache.kafka.connect.json.JsonConverter"


def connector_config(config: Config) -> dict[str, str]:
    db = config.mongodb_database
    return {
        "connector.class": "io.debezium.connector.mongodb.MongoDbConnector",
        "tasks.max": "1",
        **_address(config.mongodb_uri),
        "capture.scope": "database",
        "capture.target": db,
        "collection.include.list": ",".join(f"{db}.{name}" for name in CAPTURED),
        **_IMAGES,
        **_RECOVERY,
        **_LATENCY,
        **_topic_names(db),
        "key.converter": _JSON,
        "key.converter.schemas.enable": "false",
        "value.converter": _JSON,
        "value.converter.schemas.enable": "false",
        # Compaction works on the document's last record; a null after a delete would only be undecodable.
        "tombstones.on.delete": "false",
        # Four headers on every record that name the connector and its run; nobody reads them.
        "extended.headers.enabled": "false",
        "producer.override.acks": "all",
        # Records of one transaction go out together: one request each cost Connect and Kafka more than all else.
        "producer.override.linger.ms": "5",
        "producer.override.batch.size": "262144",
        "producer.override.max.request.size": str(RECORD_BYTES_MAX),
    }


def _address(uri: str) -> dict[str, str]:
    """User and password stand in settings of their own, which Connect's log masks."""
    known = parse_uri(uri, validate=False)
    if not known["username"]:
        return {"mongodb.connection.string": uri}
    return {
        "mongodb.connection.string": re.sub(r"(?<=://)[^@/]+@", "", uri),
        "mongodb.user": known["username"],
        "mongodb.password": known["password"] or "",
        "mongodb.authsource": known["options"].get("authsource", "admin"),
    }


def _topic_names(db: str) -> dict[str, str]:
    """Debezium names a topic prefix.database.collection; ours leave the database out."""
    return {
        "topic.prefix": PREFIX,
        "transforms": "name",
        "transforms.name.type": "org.apache.kafka.connect.transforms.RegexRouter",
        "transforms.name.regex": re.escape(f"{PREFIX}.{db}.") + "(.+)",
        "transforms.name.replacement": f"{PREFIX}.$1",
    }


_IMAGES = {
    "capture.mode": "change_streams_update_full_with_pre_image",
    # The default looks the document up and may find a later version than the one of this change.
    "capture.mode.full.update.type": "post_image",
    # With both images nobody reads which fields an update set; in each record of one it was a fifth.
    "cursor.pipeline": '[{"$project": {"updateDescription": 0}}]',
}
_RECOVERY = {
    "snapshot.mode": "when_needed",
    "cursor.oversize.handling.mode": "fail",
    "heartbeat.interval.ms": "5000",
}
_LATENCY = {
    "poll.interval.ms": "20",
    "retriable.restart.connector.wait.ms": "500",
}
