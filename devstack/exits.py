"""Exit codes of `python -m devstack`; `--help` explains them."""

DONE = 0
FAILED = 1
NOT_RUNNING = 3
INTERRUPTED = 130
