"""The audit trail of a running stack, as its checker and its database tell it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient

from tests.support.stack import Stack

Document = dict[str, Any]
Problems = set[tuple[str, str, str]]


@contextmanager
def trail_of(stack: Stack) -> Iterator[Any]:
    """The entries, as the user that the audit job writes with."""
    with MongoClient[Document](stack.status()["audit_mongodb"], tz_aware=True) as client:
        yield client["dpms_audit"].audit_entries


@contextmanager
def live_of(stack: Stack) -> Iterator[Any]:
    """The platform's database, past the platform: what somebody with the password could do."""
    with MongoClient[Document](stack.status()["mongodb"], tz_aware=True) as client:
        yield client["dpms"]


def audit_problems(stack: Stack) -> Problems:
    """What `manage.py verify_audit` finds: document, rule and detail."""
    # After a fault the trail may be a minute behind; what is still missing then is missing.
    answer = stack.run("manage.py", "verify_audit", "--json", "--patience", "60")
    assert answer.returncode in (0, 1), answer.stdout + answer.stderr
    found = json.loads(answer.stdout)
    assert found["checked"]["entries"] > 0
    return {(each["id"], each["rule"], each["detail"]) for each in found["problems"]}
