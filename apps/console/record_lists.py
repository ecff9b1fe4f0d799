"""What lists of records have alike: chips, the address of each variant, words for counts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from pymongo.errors import ExecutionTimeout

from apps.console.chips import Chip, is_none
from apps.console.marks import Mark, mark_of_record
from apps.kernel.errors import Invalid
from dpms_site.clock import platform_clock

Context = dict[str, Any]

VALUE_CHARACTERS_MAX = 200
TOO_SLOW = "The search took more than two seconds and was ended. Search by id."


@dataclass(frozen=True)
class Asked:
    """What the address of a list asks for; a parameter that it does not know is left out."""

    values: Mapping[str, str]

    @classmethod
    def of(cls, request: HttpRequest, *names: str) -> "Asked":
        given = {name: request.GET.get(name, "").strip() for name in (*names, "sort", "cursor")}
        return cls({name: value for name, value in given.items() if value})

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def oldest_first(self) -> bool:
        return self["sort"] == "oldest"

    def url(self, **changes: str) -> str:
        """The address of the same list with these parameters; "" leaves one out, and the page is the first."""
        values = {**self.values, "cursor": "", **changes}
        kept = {name: value for name, value in values.items() if value}
        return f"?{urlencode(kept)}" if kept else "?"

    @property
    def is_filtered(self) -> bool:
        return any(value and name not in ("sort", "cursor") for name, value in self.values.items())


def listed(
    asked: Asked, found: Callable[[], Context], *, one: str = "entry", many: str = "entries"
) -> tuple[Context, int]:
    """The context of a list and the HTTP status it is answered with.

    What is `found` names the cursor of the page after it, `next`, and how many match, `number`, where somebody could
    say; `one` and `many` are the words for what is listed.
    """
    context: Context = {
        "one": one,
        "many": many,
        "now": platform_clock(),
        **place_of_list(asked),
    }
    try:
        check_sort(asked)
        if too_long := [name for name in asked.values if len(asked[name]) > VALUE_CHARACTERS_MAX]:
            raise Invalid(
                "q_malformed", f"{too_long[0]} has at most {VALUE_CHARACTERS_MAX} characters."
            )
        page = {"next": None, "number": None, **found()}
        context["next_url"] = asked.url(cursor=page["next"]) if page["next"] else ""
        if (number := page["number"]) is not None:
            context["count"] = f"{number:,} {one if number == 1 else many}"
        return {**context, **page}, 200
    except Invalid as error:
        return {**context, "problem": error.detail}, 400
    except ExecutionTimeout:
        return {**context, "problem": TOO_SLOW}, 503


def place_of_list(asked: Asked) -> Context:
    """Where in a list a page is, and the addresses of its first page and of the list turned round."""
    return {
        "asked": asked.values,
        "is_filtered": asked.is_filtered,
        "oldest_first": asked.oldest_first,
        "sort_url": asked.url(sort="" if asked.oldest_first else "oldest"),
        "first_url": asked.url(),
    }


def check_sort(asked: Asked) -> None:
    """Raises Invalid (`sort_unknown`)."""
    if asked["sort"] not in ("", "oldest"):
        raise Invalid("sort_unknown", "A list is sorted newest first, or by sort=oldest.")


def chips_of(
    asked: Asked,
    name: str,
    known: Iterable[str],
    counts: Mapping[str, int] | None,
    *,
    mark_of: Callable[[str], Mark | None] = mark_of_record,
    words: Mapping[str, str] = MappingProxyType({}),
) -> list[Chip]:
    """One for all and one for each value of the parameter `name`, zero too; the one that is on leads back to all.

    A chip has the word of its mark, or the one that `words` has for it. Values that some have stand before the others.
    """
    chosen = asked[name]
    values = list(dict.fromkeys([*known, *sorted(counts or ())]))
    total = None if counts is None else sum(counts.values())
    everything = Chip("All", "", None, total, not chosen, asked.url(**{name: ""}))
    chips = [
        Chip(
            word=words.get(value) or (mark.word if mark else value),
            status=value,
            mark=mark,
            count=None if counts is None else counts.get(value, 0),
            is_on=value == chosen,
            url=asked.url(**{name: "" if value == chosen else value}),
        )
        for value in values
        for mark in (mark_of(value),)
    ]
    return [everything, *sorted(chips, key=is_none)]


@dataclass(frozen=True)
class Choice:
    """One value of a parameter to choose; "" stands for any."""

    word: str
    url: str
    is_on: bool


def choices_of(asked: Asked, name: str, words: Mapping[str, str]) -> list[Choice]:
    """The values of the parameter `name` with their words."""
    return [
        Choice(word, asked.url(**{name: value}), asked[name] == value)
        for value, word in words.items()
    ]


def check_choice(asked: Asked, name: str, words: Mapping[str, str]) -> None:
    """Raises Invalid (`q_malformed`) for a value that is none of them."""
    if asked[name] not in words:
        known = ", ".join(filter(None, words))
        raise Invalid("q_malformed", f"There is no {name} {asked[name]!r}; there are {known}.")


def number_of(counts: Mapping[str, int] | None, chosen: str) -> int | None:
    """How many match: of the chosen value, of all without one; None when nobody could say."""
    if counts is None:
        return None
    return counts.get(chosen, 0) if chosen else sum(counts.values())
