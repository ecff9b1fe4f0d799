"""Settings of staff login that are refused at the start, not found out later."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
PRODUCTION = {
    "DPMS_PROFILE": "production",
    "DPMS_SECRET_KEY": "x" * 50,
    "DPMS_ALLOWED_HOSTS": "pay.example.com",
    "DPMS_MONGODB_URI": "mongodb://127.0.0.1:1/?replicaSet=rs0",
}
SHOW = "from dpms_site import settings; print(settings.STAFF_TOTP)"


def started(**environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DPMS_")}
    return subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=PROJECT,
        env={**kept, "DPMS_DIR": "/nonexistent", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_second_step_is_required_in_production() -> None:
    assert started(**PRODUCTION).stdout == "required\n"


def test_second_step_is_optional_in_a_sandbox() -> None:
    assert started().stdout == "optional\n"


def test_second_step_cannot_be_optional_in_production() -> None:
    outcome = started(**PRODUCTION, DPMS_STAFF_TOTP="optional")

    assert outcome.returncode != 0
    assert "DPMS_STAFF_TOTP" in outcome.stderr


@pytest.mark.parametrize("value", ["off", "maybe", "requierd"])
def test_odd_value_is_refused(value: str) -> None:
    outcome = started(DPMS_STAFF_TOTP=value)

    assert outcome.returncode != 0
    assert "use required or optional" in outcome.stderr
