"""Seeded histories of the three domains' rules: customers, networks, staff and clocks in any order; money conserved.

One history is one run of one random generator over one bank in memory: customers who send, split, ask, accept, decline,
cancel and dispute; networks that answer twice, late, never, in any order or against themselves, that return, recall,
pay requests and bring money; staff and the clock; and elements that come twice, late and in any order. Then everything
is played on until nothing is left to do, and everything must be right (`verdict.py`). A seed is one history, always:

    python -m tests.histories --seed 4711 --trace

Real: every rule under `apps/*/domain`, the routes of the three flows, `read` and `Planner` of the SOR transaction, the
gateway's bearings, ids and documents of messages. Not: MongoDB (dictionaries that answer `find`; a plan is written or
not at all, so there are no crashes inside it: those are `tests/simulator`'s), Flink, and the XML of messages, which
costs a hundred times as much as the rest: a stored message holds the message itself.

`store.py` is the system of record, `bank.py` what it begins with, `flows.py` what becomes of a change, `customers.py`,
`staff.py` and `far_side.py` who acts, `history.py` the order of it all. `planted.py` breaks the rules on purpose: what
goes unnoticed there, these histories cannot see.
"""
