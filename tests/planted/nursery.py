"""A process that has imported the platform and pytest, and forks a child for every test run that it is asked for.

A run from nothing spends most of its time on imports. Tasks are JSON lines; the answer to each is an exit code.
"""

import json
import os
import signal
import sys
import traceback
from typing import Any

import django
import pytest

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

# The bugs import what they spoil: nearly all of the platform.
from dpms_site import asgi  # noqa: E402 - settings come first
from tests.planted.bugs import BUGS  # noqa: E402
from tests.support.warmth import warm  # noqa: E402

assert asgi
assert BUGS
# A planted bug may make a test wait for what never comes.
SECONDS_MAX = 60


def main() -> None:
    warm()
    for line in sys.stdin:
        pid = _begin(json.loads(line))
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _begin(task: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 3
    try:
        signal.alarm(SECONDS_MAX)
        os.environ.update(task["environment"])
        out = os.open(task["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        sys.stdin.close()
        code = int(pytest.main(task["arguments"]))
        sys.stdout.flush()
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
