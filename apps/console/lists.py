"""What the pages that list orders show for an address; the address is all there is to know."""

from collections.abc import Callable, Mapping
from typing import Any

from pymongo.errors import ExecutionTimeout

from apps.access.roles import Sight
from apps.console import selectors
from apps.console.chips import chips, kind_choices
from apps.console.filter import EVERYTHING, Filter, parsed_for
from apps.console.paging import COUNTED_MAX, PAGE_ROWS
from apps.console.record_lists import TOO_SLOW, Asked, check_sort, place_of_list
from apps.console.subscription import ROWS_DEFAULT
from apps.kernel.errors import Invalid
from dpms_site.clock import platform_clock

Context = dict[str, Any]


def live(parameters: Mapping[str, str], *, sight: Sight) -> tuple[Context, int]:
    """The context of the live page, and the HTTP status it is answered with."""

    def found(asked: Filter) -> Context:
        return {"rows": selectors.newest_rows(sight=sight, asked=asked, limit=ROWS_DEFAULT)}

    return _listed(parameters, sight, found)


def orders(parameters: Mapping[str, str], *, sight: Sight) -> tuple[Context, int]:
    """The same for one page of the list of orders."""
    given = {name: parameters.get(name, "").strip() for name in ("sort", "cursor")}
    address = Asked({**given, "q": _text_asked(parameters)})

    def found(asked: Filter) -> Context:
        check_sort(address)
        page = selectors.orders_page(
            q=asked.text,
            cursor=address["cursor"],
            oldest_first=address.oldest_first,
            sight=sight,
        )
        return {
            "rows": page.rows,
            "page_rows": PAGE_ROWS,
            "next_url": address.url(cursor=page.next) if page.next else "",
        }

    context, code = _listed(parameters, sight, found)
    return {**place_of_list(address), **context}, code


def _listed(
    parameters: Mapping[str, str], sight: Sight, found: Callable[[Filter], Context]
) -> tuple[Context, int]:
    q = _text_asked(parameters)
    context: Context = {
        "q": q,
        "sight": sight.name,
        "kinds": kind_choices(EVERYTHING),
        "now": platform_clock(),
    }
    try:
        asked = parsed_for(q, sight)
        counts = _counts(asked)
        context |= {**found(asked), "chips": chips(asked, counts), **_matching(asked, counts)}
        context["kinds"] = kind_choices(asked)
    except Invalid as error:
        return {**context, "chips": chips(EVERYTHING, None), "problem": error.detail}, 400
    except ExecutionTimeout:
        return {**context, "chips": chips(EVERYTHING, None), "problem": TOO_SLOW}, 503
    return context, 200


def _text_asked(parameters: Mapping[str, str]) -> str:
    """The filter as text; `status` is how older links say it."""
    q, status = (parameters.get(name, "").strip() for name in ("q", "status"))
    return f"{q} status:{status}".strip() if status else q


def _counts(asked: Filter) -> dict[str, int] | None:
    """By status, for the filter without its terms about the status; None when counting takes too long."""
    try:
        return selectors.counts_of(asked.without_status())
    except ExecutionTimeout:
        return None


def _matching(asked: Filter, counts: Mapping[str, int] | None) -> Context:
    """How many match, as a figure and in words."""
    if counts is None:
        number = selectors.count(asked)
    else:
        number = sum(count for status, count in counts.items() if asked.holds_status(status))
    if counts is None and number > COUNTED_MAX:
        figure = f"{COUNTED_MAX:,}+"
        return {"match": figure, "count": f"more than {COUNTED_MAX:,} orders"}
    return {"match": f"{number:,}", "count": f"{number:,} order" + ("" if number == 1 else "s")}
