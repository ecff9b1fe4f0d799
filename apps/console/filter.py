"""The filter of the order list and the feed: one text, one value, a MongoDB query and a predicate that agree.

Terms stand apart by spaces and all must hold: `kind:request`, `status:HELD,INVESTIGATE`, `-status:COMPLETED`,
`product:zelle`, `currency:USD`, `amount>=100.00`, `amount<=5`, `customer:cus_…` (either side), `is:open`, `is:final`,
`ord_…` (an id from its start). Other words next to each other are an exact reference; one that looks like a term
stands in quotes.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from apps.access.roles import Sight
from apps.console.rows import StoredRow
from apps.kernel.errors import Invalid
from apps.kernel.money import MINOR_DIGITS
from apps.transactions.domain.lifecycle import FINAL, LIFECYCLES
from apps.transactions.sides import on_any_side

Document = dict[str, Any]
Predicate = Callable[[StoredRow], bool]

CHARACTERS_MAX = 200
TERMS_MAX = 20

_WORDS = re.compile(r'"[^"]*"|\S+')
_AMOUNT = re.compile(r"amount(>=|<=)(.*)", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,16}(\.[0-9]{1,3})?", re.ASCII)


@dataclass(frozen=True)
class Term:
    """One condition, twice: `query` decides an order document, `holds` a row of the feed."""

    key: str
    query: Document
    holds: Predicate


@dataclass(frozen=True)
class Filter:
    """All terms must hold; without terms everything matches. `text` is what was asked for."""

    text: str
    terms: tuple[Term, ...] = ()

    @property
    def query(self) -> Document:
        match [term.query for term in self.terms]:
            case []:
                return {}
            case [only]:
                return only
            case several:
                return {"$and": several}

    def holds(self, row: StoredRow) -> bool:
        return all(term.holds(row) for term in self.terms)

    def held_before(self, row: StoredRow) -> bool:
        """Whether it may have held for the order at an earlier version; True when the row does not tell its past."""
        past = row.get("been")
        if past is None:
            return True
        debtors, creditors = {None, row["debtor"]}, {None, row.get("creditor")}
        return any(
            self.holds(
                {
                    **row,
                    "status": status,
                    "final": status in FINAL,
                    "debtor": debtor,
                    "creditor": creditor,
                }
            )
            for status in past
            for debtor in debtors
            for creditor in creditors
        )

    def holds_status(self, status: str) -> bool:
        """Whether the terms about the status, and they alone, let this one pass."""
        row: Any = {"status": status}
        return all(term.holds(row) for term in self.terms if term.key == "status")

    def kinds(self) -> list[str]:
        """The kinds of order that its terms about the kind let pass."""
        terms = [term for term in self.terms if term.key == "kind"]
        rows: dict[str, Any] = {kind: {"kind": kind} for kind in LIFECYCLES}
        return [kind for kind, row in rows.items() if all(term.holds(row) for term in terms)]

    def without_status(self) -> "Filter":
        """What the counts by status count: they tell how many there would be with another status chosen."""
        return Filter(self.text, tuple(term for term in self.terms if term.key != "status"))

    def within(self, *terms: Term) -> "Filter":
        """The same with more terms, which its text does not tell."""
        return Filter(self.text, (*terms, *self.terms))


EVERYTHING = Filter("")


def parsed(text: str) -> Filter:
    """Raises Invalid (`q_malformed`) with a sentence that names the term."""
    if len(text) > CHARACTERS_MAX:
        raise _malformed(f"A filter has at most {CHARACTERS_MAX} characters.")
    if text.count('"') % 2:
        raise _malformed('A quote (") is open: close it.')
    terms = tuple(_terms(_WORDS.findall(text)))
    if len(terms) > TERMS_MAX:
        raise _malformed(f"A filter has at most {TERMS_MAX} terms.")
    return Filter(text, terms)


def parsed_for(text: str, sight: Sight) -> Filter:
    """The filter of somebody who sees so much; what is not shown may not be asked for, or answers would tell it.

    Raises Invalid (`q_malformed`, `q_not_allowed`).
    """
    asked = parsed(text)
    for term in asked.terms:
        if sight < Sight.MASKED and term.key not in _ANONYMOUS_KEYS | ({"id"} if sight else set()):
            detail = f"Your role does not show what the term {term.key} asks for."
            raise Invalid("q_not_allowed", detail)
    return asked


def only_order(order: str) -> Filter:
    """The filter of one order's own page."""
    return Filter("", (Term("id", {"_id": order}, lambda row: row["id"] == order),))


def _terms(words: list[str]) -> Iterator[Term]:
    plain: list[str] = []
    for word in words:
        term = _term(word)
        if term is None:
            plain.append(word)
            continue
        if plain:
            yield _reference(" ".join(plain))
            plain = []
        yield term
    if plain:
        yield _reference(" ".join(plain))


def _term(word: str) -> Term | None:
    """None for a plain word."""
    if word.startswith('"'):
        return _reference(word.strip('"'))
    if word.startswith("ord_"):
        return _id_from(word)
    if word.startswith("cus_"):
        return _customer(word)
    if amount := _AMOUNT.fullmatch(word):
        return _amount(word, *amount.groups())
    bare = word.removeprefix("-")
    key, colon, value = bare.partition(":")
    if not colon:
        if bare != word:
            raise _malformed(f"{word!r}: a minus stands before a term such as status:COMPLETED.")
        return None
    if key not in _KEYS:
        known = ", ".join(f"{name}:" for name in _KEYS)
        raise _malformed(f"{word!r}: there is no term {key!r}; there are {known} and amount>=.")
    form, read = _KEYS[key]
    if not re.fullmatch(form, value, re.ASCII):
        raise _malformed(f"{word!r}: {value!r} is no value of {key}.")
    return read(value) if bare == word else _not(read(value))


def _not(term: Term) -> Term:
    return Term(term.key, {"$nor": [term.query]}, lambda row: not term.holds(row))


def _status(value: str) -> Term:
    names = value.upper().split(",")
    return Term("status", {"status": {"$in": names}}, lambda row: row["status"] in names)


def _kind(value: str) -> Term:
    names = value.split(",")
    return Term("kind", {"kind": {"$in": names}}, lambda row: row["kind"] in names)


def _product(value: str) -> Term:
    return Term("product", {"product": value}, lambda row: row["product"] == value)


def _currency(value: str) -> Term:
    code = value.upper()
    return Term("currency", {"currency": code}, lambda row: row["currency"] == code)


def _customer(value: str) -> Term:
    return Term(
        "customer", on_any_side(value), lambda row: value in (row["debtor"], row.get("creditor"))
    )


def _is(value: str) -> Term:
    final = value == "final"
    return Term("is", {"final": final}, lambda row: row["final"] is final)


def _id_from(start: str) -> Term:
    query = {"_id": {"$gte": start, "$lt": start + "\uffff"}}
    return Term("id", query, lambda row: row["id"].startswith(start))


def _reference(value: str) -> Term:
    return Term("reference", {"reference": value}, lambda row: row["reference"] == value)


def _amount(word: str, sign: str, value: str) -> Term:
    """Whole minor units per currency: 0.5 is 50 of USD, and no less than 1, no more than 0 of JPY."""
    if not _NUMBER.fullmatch(value):
        raise _malformed(f"{word!r}: write an amount such as 100 or 100.00.")
    is_least = sign == ">="
    rounding = ROUND_CEILING if is_least else ROUND_FLOOR
    bound = {
        currency: int((Decimal(value) * 10**digits).to_integral_value(rounding))
        for currency, digits in MINOR_DIGITS.items()
    }
    operator = "$gte" if is_least else "$lte"
    query = {
        "$or": [
            {"currency": currency, "amount_minor": {operator: minor}}
            for currency, minor in bound.items()
        ]
    }

    def holds(row: StoredRow) -> bool:
        minor = bound.get(row["currency"])
        if minor is None:
            return False
        return row["amount_minor"] >= minor if is_least else row["amount_minor"] <= minor

    return Term("amount", query, holds)


_KINDS = "|".join(LIFECYCLES)
_ANONYMOUS_KEYS = frozenset({"kind", "status", "product", "is"})
_KEYS: dict[str, tuple[str, Callable[[str], Term]]] = {
    "kind": (rf"({_KINDS})(,({_KINDS}))*", _kind),
    "status": (r"[A-Za-z_]+(,[A-Za-z_]+)*", _status),
    "product": (r"[a-z0-9_]+", _product),
    "currency": (r"[A-Za-z]{3}", _currency),
    "customer": (r"cus_[0-9a-z_]+", _customer),
    "is": (r"open|final", _is),
}


def _malformed(detail: str) -> Invalid:
    return Invalid("q_malformed", detail)
