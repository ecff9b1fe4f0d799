"""A client that does not give up: it repeats a request with the same key until the answer is definite."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from devstack.client import Answer, Client, NoAnswer, Unexpected

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 10.0


class Stopped(Exception):
    """The traffic was asked to end while it waited for an answer."""


class PatientClient(Client):
    """Says once that the API does not answer and once that it does again."""

    say: Callable[[str], None]
    stopping: threading.Event

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            problem = "it answered that it cannot now"
            try:
                answer = super().call(method, path, body, key=key, headers=headers)
                if not answer.may_pass_later:
                    if pause > _FIRST_PAUSE_SECONDS:
                        self.say("The API answers again.")
                    return answer
            except NoAnswer as error:
                problem = str(error)
            except Unexpected as error:  # the token could not be had
                if not error.answer.may_pass_later:
                    raise
            if pause == _FIRST_PAUSE_SECONDS:
                self.say(f"The API does not answer ({problem}); trying again with the same key.")
            if self.stopping.wait(pause):
                raise Stopped
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
