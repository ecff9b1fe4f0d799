"""A process that has imported everything and opened nothing, and forks a child for every task it reads.

A child that starts from nothing spends a second on imports; a fork of the test run itself would inherit its clients and
threads. Tasks and answers are JSON lines; see `children.py` for who writes and reads them.
"""

import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from apps.kernel import failpoint  # noqa: E402 - settings come before apps
from tests.failpoints.workloads import WORKLOADS  # noqa: E402
from tests.support.warmth import warm  # noqa: E402

# A child that neither ends nor stands still by then is ended, so that no test waits for ever.
SECONDS_MAX = 60


def main() -> None:
    warm()
    for line in sys.stdin:
        task = json.loads(line)
        pid = task.get("pid") or _begin(task)
        if "signal" in task:
            os.kill(pid, task["signal"])
        _, status = os.waitpid(pid, os.WUNTRACED)
        sys.stdout.write(json.dumps({"pid": pid, **_fate(status)}) + "\n")
        sys.stdout.flush()


def _fate(status: int) -> dict[str, Any]:
    if os.WIFSTOPPED(status):
        return {"fate": "stopped"}
    if os.WIFSIGNALED(status):
        return {"fate": "killed", "by": os.WTERMSIG(status)}
    return {"fate": "ended", "code": os.WEXITSTATUS(status)}


def _begin(task: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        signal.alarm(SECONDS_MAX)
        out = os.open(task["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(out, 1)
        os.dup2(out, 2)
        failpoint.arm({"DPMS_FAIL": task["fail"]})
        passed = failpoint.watch() if task["watch"] else {}
        WORKLOADS[task["workload"]](task["mongod"])
        Path(f"{task['output']}.passed").write_text(json.dumps(passed))
        code = 0
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
