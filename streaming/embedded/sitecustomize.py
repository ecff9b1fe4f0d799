"""Imports what the flows need while the TaskManager's embedded Python starts, when only one thread runs.

In thread mode each Flink task opens its Python in a thread of its own, all at once, and each imports the
same modules. Now and then two of them waited for each other for ever: after a kill of the TaskManager the
job stayed INITIALIZING. Python runs this file once, before any task; after it an import is a look-up.
It stands on the TaskManager's PYTHONPATH only, and does nothing in an ordinary Python process.
"""

import os
import time
from importlib import import_module
from pathlib import Path

# What Flink's own modules pull in. Those modules themselves need the bridge to Java, which comes later.
FLINKS_NEEDS = (
    "cloudpickle",
    "pyflink.datastream",
    "pyflink.fn_execution.coders",
    "pyflink.fn_execution.datastream.operations",
    "pyflink.fn_execution.datastream.window.window_operator",
    "pyflink.fn_execution.flink_fn_execution_pb2",
    "pyflink.metrics",
)


def _import_all() -> None:
    began = time.monotonic()
    for name in FLINKS_NEEDS:
        import_module(name)
    for flow in import_module("streaming.flows.registry").FLOWS.values():
        import_module(flow.functions)
    seconds = time.monotonic() - began
    # Python's own standard error is not set up yet.
    os.write(2, f"embedded Python is ready after {seconds:.1f} s of imports\n".encode())


if Path("/proc/self/exe").resolve().name == "java":
    _import_all()
