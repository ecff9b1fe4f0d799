"""The stories of all tests here are told once, and all together: the clock is moved for all of them at a time."""

from collections.abc import Iterator

import pytest

from devstack.client import Client, Document, request_body
from tests.e2e.stories import received, requests, returns, sends
from tests.support.api_client import a_pair
from tests.support.overtaking import cancelled_before_seen
from tests.support.stack import Stack
from tests.support.stories.stage import Stage, stage_of
from tests.support.stories.story import Story, Telling, tell

STORIES: tuple[Story, ...] = (
    *sends.STORIES,
    *received.STORIES,
    *requests.STORIES,
    *returns.STORIES,
)


@pytest.fixture(scope="session")
def stage(stack: Stack, client: Client) -> Iterator[Stage]:
    with stage_of(client, stack.status()) as found:
        yield found


@pytest.fixture(scope="session")
def told(stage: Stage) -> dict[str, Telling]:
    """Each story by its title, once all are over."""
    return tell(stage, STORIES)


@pytest.fixture(scope="session")
def overtaken(
    stack: Stack, client: Client, stage: Stage, told: dict[str, Telling]
) -> list[Document]:
    """A payment and a request that are cancelled before their flows see them; once all stories are over."""
    assert told
    pair = a_pair(client)
    asked = request_body(pair.recipient, "3.00", payer=(pair.payer.name, pair.payer.email))
    found = cancelled_before_seen(stack, client, [pair.order("10.00"), asked])
    # These alone: another look would bring orders of other tests, which change them by hand.
    stage.orders.update({order["id"]: order for order in found})
    return found
