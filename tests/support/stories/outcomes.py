"""What is asked of an order in a story, what time passes, and what comes of it."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from devstack.client import Document
from tests.support.stories.scene import Scene
from tests.support.stories.stage import PLATFORM
from tests.support.stories.story import At, Step, Until, Wait

_WORDS = "as the story has it"

Waits = Iterator[Wait]


# What is asked of an order


def customer(type_: str, *, refused: str | None = None, share_of: str | None = None) -> Step:
    """A command by the API, of the sender, the requester or the payer; `refused` by which code."""

    def step(scene: Scene) -> Waits:
        order = _share(scene, share_of) if share_of else scene.it
        command = scene.client.command(order, type_, reason=_WORDS)["id"]
        yield from _decided(scene, command, refused)

    return step


def _share(scene: Scene, who: str) -> str:
    payer = getattr(scene, who).id
    (share,) = [
        each["id"] for each in scene.caused("request") if each["payer"]["customer"] == payer
    ]
    return str(share)


def staff(type_: str, *, role: str = "operator", refused: str | None = None) -> Step:
    """A command of bank staff."""

    def step(scene: Scene) -> Waits:
        command = scene.stage.staff_command(scene.it, type_, role=role, reason=_WORDS)
        yield from _decided(scene, command, refused)

    return step


def compliance(type_: str, *, refused: str | None = None) -> Step:
    return staff(type_, role="compliance", refused=refused)


def _decided(scene: Scene, command: str, refused: str | None) -> Waits:
    found: Document = {}

    def is_decided() -> bool:
        found.update(scene.client.get(f"/api/v1/commands/{command}"))
        return bool(found["state"] != "PENDING")

    yield Until("the command is decided", is_decided)
    expected = ("REFUSED", refused) if refused else ("APPLIED", None)
    assert (found["state"], found["reason"]) == expected, f"{found}; {scene.so_far()}"


# Time


def its_deadline_passes() -> Step:
    """The time comes that the order waits for."""

    def step(scene: Scene) -> Waits:
        yield Until("a deadline", lambda: scene.order().get("due_at") is not None)
        yield At(PLATFORM, datetime.fromisoformat(scene.order()["due_at"]))

    return step


def time_passes(**duration: float) -> Step:
    """Such as `days=1`."""

    def step(scene: Scene) -> Waits:
        yield At(PLATFORM, scene.stage.now(PLATFORM) + timedelta(**duration))

    return step


def the_network_s_time_passes(network: str = "zelle", **duration: float) -> Step:
    """Such as `seconds=60`: by the network's own clock."""

    def step(scene: Scene) -> Waits:
        yield At(network, scene.stage.now(network) + timedelta(**duration))

    return step


# What comes of it


def becomes(status: str) -> Step:
    def step(scene: Scene) -> Waits:
        yield Until(f"it becomes {status}", lambda: scene.order()["status"] == status)

    return step


def takes_step(version: int) -> Step:
    """The order gets so far, which a status that it had before does not tell."""

    def step(scene: Scene) -> Waits:
        yield Until(f"it takes step {version}", lambda: scene.order()["version"] >= version)

    return step


def ends(path: str, *, reason: str | None = None) -> Step:
    """The whole way of the order told about, and its last reason.

    `INVESTIGATE+` is a status once or several times, `ACCEPTED?` one that a message tells which may be overtaken.
    """

    def step(scene: Scene) -> Waits:
        yield from becomes(path.split()[-1])(scene)
        found = scene.path(scene.it)
        scene.endings[scene.it] = found
        assert re.fullmatch(_pattern(path), f"{found} "), scene.so_far()
        if reason is not None:
            assert scene.order()["reason"] == reason, scene.so_far()

    return step


def _pattern(path: str) -> str:
    """A blank ends each status."""
    parts = (re.sub(r"(\w+)([+?]?)", r"(\1 )\2", status) for status in path.split())
    return "".join(parts)


def the_story_goes_on_with(kind: str) -> Step:
    """With the order that this one caused: a request its payment, a payment its return."""

    def step(scene: Scene) -> Waits:
        yield Until(f"it causes a {kind}", lambda: bool(scene.caused(kind)))
        (made,) = scene.caused(kind)
        scene.it = made["id"]

    return step


def of_its_payment(*steps: Step) -> Step:
    """What happens to the order that pays the request, before the story goes on with the request."""

    def step(scene: Scene) -> Waits:
        told = scene.it
        yield from the_story_goes_on_with("send")(scene)
        for each in steps:
            yield from each(scene)
        scene.it = told

    return step


def causes(kind: str, path: str) -> Step:
    """The order caused a single one of a kind, which goes this way."""
    last = path.split()[-1]

    def is_there(scene: Scene) -> Callable[[], bool]:
        return lambda: [each["status"] for each in scene.caused(kind)] == [last]

    def step(scene: Scene) -> Waits:
        yield Until(f"a {kind} becomes {last}", is_there(scene))
        (made,) = scene.caused(kind)
        assert scene.path(made["id"]) == path, scene.path(made["id"])

    return step


def has(posted: str, *, held: str = "0.00", who: str = "ann") -> Step:
    """What is on the account of Ann, who had 1000.00 at first; or of Bob, who had as much."""

    def step(scene: Scene) -> Waits:
        found = scene.balance(getattr(scene, who))
        assert found == (posted, held), f"{who} has {found}; {scene.so_far()}"
        yield from ()

    return step


def says(word: str, *, times: int = 1) -> Step:
    """What was said with the network about the order, such as "out pacs.028" or "in pacs.002 ACSC"."""

    def step(scene: Scene) -> Waits:
        yield Until(f"{word} is said {times} times", lambda: scene.said().count(word) >= times)
        assert scene.said().count(word) == times, scene.so_far()

    return step


def opens_case(kind: str) -> Step:
    def step(scene: Scene) -> Waits:
        yield Until(f"a case {kind}", lambda: kind in scene.stage.cases(scene.it))

    return step
