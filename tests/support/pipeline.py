"""What `verify_pipeline` finds on a running stack."""

import json

from tests.support.audit import Problems
from tests.support.stack import Stack

# The stack is at rest when it is asked; what an earlier test planted is waited for in vain.
_WAIT_SECONDS = "5"


def pipeline_problems(stack: Stack) -> Problems:
    """Document, rule and detail of every problem between MongoDB and Kafka."""
    answer = stack.run("manage.py", "verify_pipeline", "--json", "--wait", _WAIT_SECONDS)
    assert answer.returncode in (0, 1), answer.stdout + answer.stderr
    found = json.loads(answer.stdout)
    assert found["checked"]["records"] > 0
    return {(each["id"], each["rule"], each["detail"]) for each in found["problems"]}
