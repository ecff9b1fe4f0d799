"""A seeded simulator of the platform: its real code between fakes of everything around it.

One history is one run of one random generator: clients that send, cancel and enrol; two kinds of flow jobs, the bridge
and a console's ring; MongoDB, Debezium, Kafka and Flink; and what goes wrong with each. It ends when nothing is left to
do, and then everything must be right (`verdict.py`). The same seed is the same history, step by step:

    python -m tests.simulator --seed 4711 --trace

Real: accepting (`apps.transactions.services`), `Decode`, `Assess`, `Gather`, `Settle` with `SystemOfRecord` and
`Planner`, `Record` with `Recorder`, the bridge's `run` and `Feed`, the console's `Ring`, and every rule under
`apps/*/domain`. Fake: `mongo` (snapshot transactions, conflicts, unique ids, commits of unknown outcome), `capture`
(change stream and connector), `kafka`, `flink` (keyed state, timers, checkpoints, zombies) and `world` (clock, who runs
next, what strikes). Each process is a greenlet that may be interrupted, killed or left behind wherever it
touches the outside. `planted.py` breaks the real code on purpose: what the simulator does not notice, it cannot see.
"""
