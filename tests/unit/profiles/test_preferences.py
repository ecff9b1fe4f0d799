"""Preferences: defaults, switches, and the lower of two limits."""

import pytest

from apps.kernel.errors import Invalid
from apps.profiles.domain.preferences import (
    EVENTS,
    NEVER_SILENT,
    OwnLimits,
    check_channels,
    complete,
    is_on,
    own_limits,
)

SAID = {
    "products": {
        "zelle": {"send": False, "limits": {"order": {"amount_minor": 10_000, "currency": "USD"}}}
    },
    "notifications": {"payment_sent": []},
}


def test_nothing_said_is_all_defaults() -> None:
    whole = complete(None)

    assert whole["notifications"] == {name: list(channels) for name, channels in EVENTS.items()}
    assert (whole["default_account"], whole["language"], whole["products"]) == (None, "en", {})


def test_what_was_said_stands_and_the_rest_is_default() -> None:
    whole = complete(SAID)

    assert whole["notifications"]["payment_sent"] == []
    assert whole["notifications"]["security"] == ["email", "sms"]
    zelle = whole["products"]["zelle"]
    assert (zelle["send"], zelle["receive"], zelle["limits"]["day"]) == (False, True, None)


def test_a_product_is_on_until_it_is_switched_off() -> None:
    assert not is_on(SAID, product="zelle", switch="send")
    assert is_on(SAID, product="zelle", switch="receive")
    assert is_on(SAID, product="interfi", switch="send")
    assert is_on(None, product="zelle", switch="send")


def test_own_limits_are_of_one_product_and_currency() -> None:
    assert own_limits(SAID, product="zelle", currency="USD") == OwnLimits(order_minor=10_000)
    assert own_limits(SAID, product="zelle", currency="EUR") == OwnLimits()
    assert own_limits(SAID, product="interfi", currency="USD") == OwnLimits()
    assert own_limits(None, product="zelle", currency="USD") == OwnLimits()


@pytest.mark.parametrize("event", sorted(NEVER_SILENT))
def test_some_notices_are_never_silent(event: str) -> None:
    check_channels(event, ["push"])

    with pytest.raises(Invalid, match="channel_needed"):
        check_channels(event, [])


def test_knows_its_events() -> None:
    with pytest.raises(Invalid, match="event_unknown"):
        check_channels("full_moon", ["email"])
