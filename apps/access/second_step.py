"""The second step of signing in: a code of the person's device (RFC 6238), or a recovery code that works once.

Every try is counted before it is looked at, and a code is claimed by one conditional update: tries that come
together cannot outrun the throttle, nor use a code twice.
"""

import base64
import re
import secrets
from datetime import datetime
from enum import Enum

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase
from django.utils.crypto import salted_hmac
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from apps.kernel.clock import wall_clock

RECOVERY_CODES = 10
# Ten of 32 characters: 2^50 guesses, and the throttle lets through few.
_RECOVERY_CHARACTERS = 10
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no l, o, 0, 1 to misread
_PASSED = "second_step"


class Standing(Enum):
    """How far somebody with a right password has come."""

    COMPLETE = "complete"
    CODE_WANTED = "code_wanted"
    ENROLMENT_WANTED = "enrolment_wanted"


class CodeRefused(Exception):
    """`reason` is code_wrong (used codes are wrong too) or too_soon; `wait_seconds` until the next try counts."""

    def __init__(self, reason: str, wait_seconds: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait_seconds = wait_seconds


def standing(user: User, session: SessionBase) -> Standing:
    device = device_of(user)
    if device is not None:
        passed = session.get(_PASSED) == str(device.pk)
        return Standing.COMPLETE if passed else Standing.CODE_WANTED
    is_required = settings.STAFF_TOTP == "required"
    return Standing.ENROLMENT_WANTED if is_required else Standing.COMPLETE


def device_of(user: User) -> TOTPDevice | None:
    """The device whose codes count; None for somebody who has not enrolled one."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def device_to_confirm(user: User) -> TOTPDevice:
    """The device that somebody is about to enrol; the same until it is confirmed."""
    found = TOTPDevice.objects.filter(user=user, confirmed=False).order_by("id").first()
    return found or TOTPDevice.objects.create(user=user, name="authenticator", confirmed=False)


def secret_of(device: TOTPDevice) -> str:
    """In base32 and groups of four, as authenticator programs take it."""
    text = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def pass_with(user: User, code: str, session: SessionBase) -> None:
    """Lets the session pass. Raises CodeRefused."""
    device = device_of(user)
    if device is None:
        raise CodeRefused("code_wrong", 0)
    now = wall_clock()
    _count_try(device, now)
    if not (_claim_code(device, code, now) or _use_recovery_code(device, code)):
        raise CodeRefused("code_wrong", _wait_seconds(device))
    _let_pass(session, device)


def confirm(user: User, code: str, session: SessionBase) -> list[str]:
    """Enrols the device that made the code, lets the session pass, and gives new recovery codes. Raises CodeRefused."""
    device = device_to_confirm(user)
    now = wall_clock()
    _count_try(device, now)
    if not _claim_code(device, code, now):
        raise CodeRefused("code_wrong", _wait_seconds(device))
    TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
    TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
    _let_pass(session, device)
    return _new_recovery_codes(user)


def recovery_codes_left(user: User) -> int:
    return StaticToken.objects.filter(device__user=user).count()


def forget(user: User) -> None:
    """Takes device and recovery codes away, for somebody who lost them; the same call twice changes nothing."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()


def _count_try(device: TOTPDevice, now: datetime) -> None:
    """Counts the try as failed before it is looked at; success takes it back."""
    if wait := _wait_seconds(device):
        raise CodeRefused("too_soon", wait)
    tried = device.throttling_failure_count
    mine = TOTPDevice.objects.filter(pk=device.pk, throttling_failure_count=tried)
    if not mine.update(throttling_failure_count=tried + 1, throttling_failure_timestamp=now):
        raise CodeRefused("too_soon", 1)  # somebody else tries at this moment
    device.throttling_failure_count, device.throttling_failure_timestamp = tried + 1, now


def _wait_seconds(device: TOTPDevice) -> int:
    """1, 2, 4, 8 … seconds from the last failure, as django-otp counts them."""
    is_allowed, facts = device.verify_is_allowed()
    if is_allowed:
        return 0
    return int((facts["locked_until"] - wall_clock()).total_seconds()) + 1


def _claim_code(device: TOTPDevice, code: str, now: datetime) -> bool:
    digits = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", digits):
        return False
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = now.timestamp()
    if not totp.verify(int(digits), device.tolerance, device.last_t + 1):
        return False
    claimed = TOTPDevice.objects.filter(pk=device.pk, last_t__lt=totp.t()).update(
        last_t=totp.t(), **_NO_FAILURES
    )
    return bool(claimed)


def _use_recovery_code(device: TOTPDevice, code: str) -> bool:
    plain = re.sub(r"[\s-]", "", code).lower()
    used = StaticToken.objects.filter(device__user=device.user_id, token=_hash_of(plain)).first()
    # The delete decides when two use the same code at once.
    if used is None or not StaticToken.objects.filter(pk=used.pk).delete()[0]:
        return False
    TOTPDevice.objects.filter(pk=device.pk).update(**_NO_FAILURES)
    return True


_NO_FAILURES = {"throttling_failure_count": 0, "throttling_failure_timestamp": None}


def _let_pass(session: SessionBase, device: TOTPDevice) -> None:
    session[_PASSED] = str(device.pk)
    session.cycle_key()


def _new_recovery_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    holder = StaticDevice.objects.create(user=user, name="recovery codes")
    codes = [
        "".join(secrets.choice(_ALPHABET) for _ in range(_RECOVERY_CHARACTERS))
        for _ in range(RECOVERY_CODES)
    ]
    for code in codes:
        StaticToken.objects.create(device=holder, token=_hash_of(code))
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _hash_of(recovery_code: str) -> str:
    """Keyed, so that the collection alone does not tell the codes; cut to what django-otp's field holds."""
    return salted_hmac("staff recovery code", recovery_code, algorithm="sha256").hexdigest()[:16]
