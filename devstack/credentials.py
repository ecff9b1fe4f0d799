"""The sandbox's credentials: made at the first start of a run directory and readable by its owner only."""

import json
import secrets
from typing import Any

from devstack.rundir import RunDirectory, write_json

ROLES = ("viewer", "operator", "approver", "compliance", "auditor", "platform", "admin")

# Short, distinct when spoken, and free of what could be misread; four of them are 2^28 and a
# sandbox on loopback locks accounts long before that.
_WORDS = (
    "amber anchor apple arrow aspen autumn badge banjo barley basil beacon birch bishop breeze "
    "bridge bronze butter cabin cactus camel candle canyon carbon cargo cedar cherry cider clover "
    "cobalt comet copper coral cotton cricket crystal daisy delta desert domino dragon eagle ember "
    "falcon fennel ferry finch flint forest fossil galaxy garden garnet ginger glacier granite "
    "grove hammer harbor hazel heron hickory honey island ivory jasmine jungle juniper kernel "
    "kettle lagoon lantern laurel lemon lilac linen lotus lunar magnet mango maple marble meadow "
    "mellow meteor mint mirror monsoon mosaic mustard nectar nickel nutmeg oasis olive onyx opal "
    "orbit orchid otter oyster panda paper pebble pepper piano pigeon pine planet plum poplar "
    "prairie quartz quill rabbit raven ribbon river rocket saddle saffron salmon sierra silver"
).split()


def ensure(run: RunDirectory) -> dict[str, Any]:
    """The directory's credentials, made now if it has none."""
    if not run.credentials.exists():
        write_json(run.credentials, _invented(), mode=0o600)
    return read(run)


def read(run: RunDirectory) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(run.credentials.read_text())
    return loaded


def _invented() -> dict[str, Any]:
    return {
        "client_id": "cli_sandbox",
        "client_secret": secrets.token_urlsafe(32),
        "secret_key": secrets.token_urlsafe(48),
        "staff": [{"username": role, "password": _password(), "role": role} for role in ROLES],
    }


def _password() -> str:
    return "-".join(secrets.choice(_WORDS) for _ in range(4))
