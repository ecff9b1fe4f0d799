"""What a sandbox has the far side of a network do: asked of its simulator, whose refusals are passed on."""

import json
from typing import Any

from django.conf import settings

from apps.kernel.errors import DomainError, Invalid, NotFound
from apps.rails.networks.adapter import Unreachable
from apps.rails.networks.registry import NETWORKS, adapter_of, url_of
from dpms_site.problems import MEANINGS

TIMEOUT_SECONDS = 5.0

Content = dict[str, Any]


class NetworkAway(DomainError):
    """The network did not answer: whether it did what was asked is not known."""


def played(network: str, path: str, content: Content) -> Content:
    """What the network's simulator answers to `content` at that door of its sandbox.

    Raises NotFound (`network_not_found`), NetworkAway (`network_away`), and what the simulator refuses with. Safe to
    repeat with an `end_to_end_id`: the simulator takes each once.
    """
    if network not in NETWORKS:
        known = ", ".join(sorted(NETWORKS))
        raise NotFound("network_not_found", f"Use a network that is there: {known}.")
    if not url_of(network, settings.CONFIG):
        raise NetworkAway("network_away", "This network runs nowhere in this sandbox.")
    adapter = adapter_of(network, settings.CONFIG, timeout_seconds=TIMEOUT_SECONDS)
    try:
        status, text = adapter.ask("POST", f"/sandbox/{path}", json.dumps(content).encode())
        answer = json.loads(text)
    except (Unreachable, ValueError) as error:
        detail = "The network does not answer. It may or may not have done it."
        raise NetworkAway("network_away", detail) from error
    finally:
        adapter.close()
    if status >= 400:
        raise _refusal(status, answer)
    return dict(answer)


def _refusal(status: int, answer: Any) -> DomainError:
    """The simulator writes the pointer before its words, when it means a field."""
    told = answer if isinstance(answer, dict) else {}
    code, words = str(told.get("code")), str(told.get("detail", ""))
    pointer, detail = "", words
    if words.startswith("/"):
        pointer, _, detail = words.partition(" ")
    if code not in MEANINGS:
        code = "network_refused"
    kind = NotFound if status == 404 else Invalid
    return kind(code, detail, pointer)
