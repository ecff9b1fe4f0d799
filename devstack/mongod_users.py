"""Who may do what in the stack's MongoDB: made at the first start, checked at every later one.

Safe to repeat: what exists as it should is left alone, the rest is created or brought to it.
"""

import json
import os
import secrets
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import OperationFailure

from devstack.rundir import RunDirectory, write_json
from streaming.contracts.collections import AUDIT_COLLECTIONS

OWNER, PLATFORM, AUDIT = "dpms_owner", "dpms", "dpms_audit"
AUDIT_ROLE = "audit_writer"
_AUTHENTICATION_FAILED = 18

Document = dict[str, Any]
Admin = Database[Document]


def passwords(run: RunDirectory) -> dict[str, str]:
    """Of each user; invented when the directory has none yet, and readable by its owner only."""
    path = run.settings("mongod") / "users.json"
    if not path.exists():
        invented = {name: secrets.token_hex(24) for name in (OWNER, PLATFORM, AUDIT)}
        write_json(path, invented, mode=0o600)
    known: dict[str, str] = json.loads(path.read_text())
    return known


def key_file(run: RunDirectory) -> str:
    """What the members of the replica set know each other by; mongod refuses a file that others can read."""
    path = run.settings("mongod") / "members.key"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(64))
    return str(path)


def ensure(port: int, known: dict[str, str], *, database: str, audit_database: str) -> None:
    """Brings users and roles of a mongod that takes writes to what they must be."""
    if not _owner_exists(port, known[OWNER]):
        _create_owner(port, known[OWNER])
    with _connect(port, OWNER, known[OWNER]) as client:
        admin: Admin = client.admin
        _ensure_role(admin, AUDIT_ROLE, _insert_and_find(audit_database))
        # Collections, indexes and images are made by `prepare` as the owner; dbAdmin is for Django's migrations.
        platform = [
            {"role": "readWrite", "db": database},
            {"role": "dbAdmin", "db": database},
            {"role": "clusterMonitor", "db": "admin"},
        ]
        _ensure_user(admin, PLATFORM, known[PLATFORM], platform)
        _ensure_user(admin, AUDIT, known[AUDIT], [{"role": AUDIT_ROLE, "db": "admin"}])


def _insert_and_find(audit_database: str) -> list[Document]:
    """On the trail's collections and on no other: it can't even make one. It may ask which there are."""
    names = {"resource": {"db": audit_database, "collection": ""}, "actions": ["listCollections"]}
    return [
        names,
        *(
            {"resource": {"db": audit_database, "collection": name}, "actions": ["find", "insert"]}
            for name in AUDIT_COLLECTIONS
        ),
    ]


def _connect(port: int, user: str, password: str) -> MongoClient[Document]:
    return MongoClient(
        "127.0.0.1",
        port,
        username=user,
        password=password,
        directConnection=True,
        serverSelectionTimeoutMS=2000,
    )


def _owner_exists(port: int, password: str) -> bool:
    with _connect(port, OWNER, password) as client:
        try:
            client.admin.command("ping")
        except OperationFailure as error:
            if error.code != _AUTHENTICATION_FAILED:
                raise
            return False
    return True


def _create_owner(port: int, password: str) -> None:
    """While a mongod has no user, whoever connects from its own machine may make the first one."""
    with MongoClient[Document]("127.0.0.1", port, directConnection=True) as client:
        roles = [{"role": "root", "db": "admin"}]
        client.admin.command("createUser", OWNER, pwd=password, roles=roles)


def _ensure_role(admin: Admin, name: str, privileges: list[Document]) -> None:
    found = admin.command("rolesInfo", name, showPrivileges=True)["roles"]
    if not found:
        admin.command("createRole", name, privileges=privileges, roles=[])
    elif found[0]["privileges"] != privileges:
        admin.command("updateRole", name, privileges=privileges, roles=[])


def _ensure_user(admin: Admin, name: str, password: str, roles: list[dict[str, str]]) -> None:
    found = admin.command("usersInfo", name)["users"]
    if not found:
        admin.command("createUser", name, pwd=password, roles=roles)
    elif _as_set(found[0]["roles"]) != _as_set(roles):
        admin.command("updateUser", name, pwd=password, roles=roles)


def _as_set(roles: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {(role["role"], role["db"]) for role in roles}
