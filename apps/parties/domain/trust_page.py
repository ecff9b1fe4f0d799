"""The docs page of payees, with its tables written from the rules: `python -m apps.parties.domain.trust_page`."""

import sys
from collections.abc import Iterable, Sequence

from apps.parties.domain.payee_limits import COUNTED_PAYMENTS, POLICIES, Policy
from apps.parties.domain.trust import ASKED, MOVES, SUSPENDING_RETURNS, WORDS

_HEAD = f"""\
# Payees: how they are reached, checked and trusted

Generated from `apps/parties/domain/`; a test fails when this page is out of step. To write it
again:

    python -m apps.parties.domain.trust_page > docs/reference/payees.md

A payee belongs to one customer and is reached by exactly one of an alias (e-mail, phone), an
account (ABA routing number with its check digit, account number) or an IBAN (check digits, its
country's length; a BIC must be of the same country). Where it leads never changes: that would be
another payee. Name and nickname change by `PATCH` with the `version` read.

- **Account numbers** are answered masked. The whole number lies in a collection that is never
  captured ([decision 11](../decisions/0011-account-numbers-behind-tokens.md)).
- **Name check.** MATCH, CLOSE_MATCH, NO_MATCH or UNAVAILABLE, made when the payee is added, when
  its name changes and at `POST …/check`, kept with `checked_at`. It compares with the owner of the
  alias; whose an account is, nobody tells. While no network answers, `check` leaves the earlier
  outcome and its time.
- **Duplicates.** The same alias or account twice is 409 `payee_duplicate` with the first one's id,
  unless `allow_duplicate` is true. A suspended payee added once more, also after it was removed, is
  suspended.
- **Removal** is 409 `payee_has_open_orders`, which names them, while orders to the payee are not
  final. A removed payee stays readable.
- **Blocked parties** are a list of the whole bank, with who blocked and why (`/blocked-parties`,
  scopes `blocked_parties:*`). A blocked alias or account is refused (409 `payee_blocked`); under a
  blocked name, which others may bear too, a payee is added SUSPENDED. Blocking suspends every
  customer's payee that it names; lifting a block reinstates nobody.
- **Suspending** sets `status` and `trust` to SUSPENDED; `POST …/reinstate` is the only way back.
  Until then an order to the payee is 409 `payee_suspended`, and one that was accepted before is
  REJECTED (AG01).

## Trust

Computed from the name check, the age of the relationship, the payments to the payee (`payee_stats`)
and whether the alias is still whose it was; the same function answers in the API and in the
console. The flow send_money counts payments in the transaction that makes them, and applies the limits
below before it does.

A new owner of the alias, or a reinstatement, is a new beginning: age and payments
count from there, once `check` has taken note of the new owner.

**History is kept as far as the rules ask.** A payment counts when it arrived and when the first of
its money came back; a dispute counts when it brings the money back. {COUNTED_PAYMENTS} good payments since
the last beginning are counted and no more: enough for every trust and step below, also after as
many returns as do not suspend the payee. From then on a good payment changes nothing and nothing is
written. What a day's orders use (from their validation until one ends unpaid) is kept while a limit
is below the bank's own, the latest day only.

Before a payment is made, its payee may refuse it (AG01 when SUSPENDED, AM14 over a limit) or hold
it for bank staff. What pays an accepted request has no payee and is not asked.
"""

_TAIL = """\
## The alias directory

`GET /api/v1/directory?kind=&value=` says who serves an alias: `ON_US` with the masked account,
`NETWORK` with the bank, `NOBODY`, or `UNKNOWN` while a network does not answer and nothing is kept.
A network's answer is kept an hour (that nobody has the alias: five minutes) and given with
`looked_up_at` and `age_seconds`; when the network is silent, the older answer is given with
`is_stale`. Owners' names are used for the name check and never answered. A network joins by
`apps.parties.directory.register_lookup`.
"""


def page() -> str:
    """The whole page, ending with a newline."""
    policies = [_policy(name, policy) for name, policy in POLICIES.items()]
    return "\n".join([_HEAD, _diagram(), _states(), _moves(), _asked(), *policies, _TAIL])


def _diagram() -> str:
    pairs = dict.fromkeys(f"    {m.source} --> {m.target}: {m.event}" for m in MOVES)
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> NEW", *pairs, "```", ""])


def _states() -> str:
    return _table("States", ("trust", "what people read"), WORDS.items())


def _moves() -> str:
    rows = ((move.source, move.target, move.event, move.cause) for move in MOVES)
    return _table("Moves", ("from", "to", "event", "made by"), rows)


def _asked() -> str:
    rows = (
        (
            asked.trust,
            asked.name_check,
            f"{asked.age_days}",
            f"{asked.good_payments}",
            f"{asked.returned_max}",
        )
        for asked in ASKED
    )
    heads = ("trust", "name check", "days known", "good payments", "returned at most")
    note = f"With {SUSPENDING_RETURNS} returned payments a payee is SUSPENDED; under NO_MATCH it stays NEW."
    return f"{_table('What each trust asks for', heads, rows)}\n{note}\n"


def _policy(name: str, policy: Policy) -> str:
    rows = (
        (
            step.trust,
            f"{step.age_days}",
            f"{step.good_payments}",
            f"{step.order_percent} %",
            f"{step.day_percent} %",
        )
        for step in policy.steps
    )
    heads = ("from trust", "days known", "good payments", "of an order's limit", "of a day's limit")
    held = "waits for bank staff" if policy.holds_new else "is not held"
    return f"{_table(f'Limits of the profile `{name}`', heads, rows)}\nA payment to a NEW payee {held}.\n"


def _table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"## {title}", "", _row(heads), _row(["---"] * len(heads))]
    return "\n".join([*lines, *(_row(row) for row in rows), ""])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(page())
