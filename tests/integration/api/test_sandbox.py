"""`manage.py create_sandbox`, and what Django keeps on MongoDB."""

import dataclasses
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client as BrowserClient
from django.test import override_settings
from pymongo.database import Database

from apps.access.models import ApiClient
from devstack.client import Document
from streaming.contracts.collections import CAPTURED, LEFT_OUT
from tests.support.site_client import SiteClient

CREDENTIALS = {
    "client_id": "cli_sandbox",
    "client_secret": "a-secret",
    "secret_key": "unused",
    "staff": [
        {"username": "vera", "password": "amber-anchor-apple", "role": "viewer"},
        {"username": "otto", "password": "amber-anchor-arrow", "role": "operator"},
    ],
}


@pytest.fixture
def directory(
    tmp_path: Path,
    database: Database[Document],  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    (tmp_path / "credentials.json").write_text(json.dumps(CREDENTIALS))
    monkeypatch.setattr(settings, "CONFIG", dataclasses.replace(settings.CONFIG, dir=tmp_path))
    return tmp_path


@pytest.mark.usefixtures("directory")
def test_makes_client_and_staff_and_again_changes_nothing() -> None:
    call_command("create_sandbox", verbosity=0)
    call_command("create_sandbox", verbosity=0)

    api = SiteClient(client_id="cli_sandbox", client_secret="a-secret")
    assert api.get("/api/v1/orders")["data"] == []
    assert ApiClient.objects.count() == 1
    roles = {user.username: list(user.groups.values_list("name", flat=True)) for user in _staff()}
    assert roles == {"vera": ["viewer"], "otto": ["operator"]}
    assert all(user.is_staff and not user.is_superuser for user in _staff())


@pytest.mark.usefixtures("directory")
def test_staff_can_sign_in() -> None:
    call_command("create_sandbox", verbosity=0)
    browser = BrowserClient()

    page = browser.post("/console/login/", {"username": "vera", "password": "amber-anchor-apple"})

    assert page.status_code == 302
    assert page.headers["location"] == "/console/"
    assert browser.session["_auth_user_id"]


def test_follows_changed_credentials(directory: Path) -> None:
    call_command("create_sandbox", verbosity=0)
    changed = {**CREDENTIALS, "client_secret": "another-secret"}
    (directory / "credentials.json").write_text(json.dumps(changed))

    call_command("create_sandbox", verbosity=0)

    api = SiteClient(client_id="cli_sandbox", client_secret="another-secret")
    assert api.get("/api/v1/orders")["data"] == []


@pytest.mark.usefixtures("directory")
def test_refuses_outside_a_sandbox() -> None:
    with override_settings(SANDBOX=False), pytest.raises(CommandError):
        call_command("create_sandbox", verbosity=0)

    assert ApiClient.objects.count() == User.objects.count() == 0


@pytest.mark.usefixtures("db")
def test_migrations_are_complete() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_collection_is_captured_or_left_out_for_a_reason(
    database: Database[Document],
) -> None:
    present = {name for name in database.list_collection_names() if not name.startswith("system.")}

    assert "staff_sessions" in present
    assert present - set(CAPTURED) - set(LEFT_OUT) == set()


def _staff() -> list[User]:
    return list(User.objects.all())
