"""Platform time for the site and its commands: `platform_clock()` is what rules decide by, and what people move."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime

from django.conf import settings
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from apps.kernel.clock import wall_clock
from apps.kernel.errors import Conflict, Invalid, NotFound
from dpms_site.changes import Change
from dpms_site.mongodb import Document, collection
from streaming.platform_clock import COLLECTION, DOCUMENT, LEAD_SECONDS, PlatformClock

ADVANCE_SECONDS_MAX = 366 * 24 * 3600
# Dates stay of a size that calendars and people can handle.
OFFSET_SECONDS_MAX = 20 * ADVANCE_SECONDS_MAX
_PATIENCE_SECONDS = 4 * LEAD_SECONDS
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

_sandbox = PlatformClock(lambda: collection(COLLECTION))


def platform_clock() -> datetime:
    """Now, as rules see it, in UTC. Raises PyMongoError when a sandbox's offset can't be read."""
    return _sandbox() if settings.SANDBOX else wall_clock()


async def platform_clock_async() -> datetime:
    """The same for an event loop, which does not stand still while MongoDB is asked."""
    if not settings.SANDBOX:
        return wall_clock()
    known = _sandbox.if_known()
    return known if known is not None else await asyncio.to_thread(_sandbox)


def forget() -> None:
    """The next `platform_clock()` reads the offset anew."""
    _sandbox.forget()


def require_sandbox() -> None:
    """Raises NotFound where time is not play: there the address does not exist."""
    if not settings.SANDBOX:
        raise NotFound("not_found", "There is nothing at this address.")


def advance(seconds: int, *, made: Change) -> None:
    """Moves platform time forward for every process at once, and returns when it has moved.

    Raises NotFound outside a sandbox, Invalid (`clock_out_of_bounds`), Conflict (`clock_moving`) when others keep
    moving it. A repetition moves it again.
    """
    require_sandbox()
    if not 1 <= seconds <= ADVANCE_SECONDS_MAX:
        detail = f"Use a whole number of seconds from 1 to {ADVANCE_SECONDS_MAX}."
        raise Invalid("clock_out_of_bounds", detail, "/seconds")
    _write(seconds, made)
    time.sleep(LEAD_SECONDS)  # then it counts, and every process has read it


def _write(seconds: int, made: Change) -> None:
    """One move at a time: the former must count before the next is written."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (stored := _moved(seconds, made)) is not None:
        if stored["seconds"] + seconds > OFFSET_SECONDS_MAX:
            detail = (
                f"The platform may be {OFFSET_SECONDS_MAX} seconds ahead; "
                f"it is {stored['seconds']} ahead already."
            )
            raise Invalid("clock_out_of_bounds", detail, "/seconds")
        if time.monotonic() >= deadline:
            raise Conflict("clock_moving", "Others are moving the clock; try again.")
        time.sleep(LEAD_SECONDS / 10)


def _moved(seconds: int, made: Change) -> Document | None:
    """Moves the offset, or answers it as it is when it may not be moved now, or not so far."""
    clocks = collection(COLLECTION)
    at_rest = {"seconds": 0, "before_seconds": 0, "from_at": _LONG_AGO, "version": 0}
    # An upsert may not hold $expr, so the document is made first and moved second.
    with suppress(DuplicateKeyError):  # another request made it this moment
        clocks.update_one({"_id": DOCUMENT}, {"$setOnInsert": at_rest}, upsert=True)
    moved = clocks.find_one_and_update(
        {
            "_id": DOCUMENT,
            "seconds": {"$lte": OFFSET_SECONDS_MAX - seconds},
            "$expr": {"$lte": ["$from_at", "$$NOW"]},
        },
        [
            {
                "$set": {
                    **{name: {"$literal": value} for name, value in made.fields().items()},
                    "before_seconds": "$seconds",
                    "seconds": {"$add": ["$seconds", seconds]},
                    "from_at": {"$add": ["$$NOW", int(LEAD_SECONDS * 1000)]},
                    "version": {"$add": ["$version", 1]},
                }
            }
        ],
        return_document=ReturnDocument.AFTER,
    )
    return None if moved is not None else clocks.find_one({"_id": DOCUMENT})
