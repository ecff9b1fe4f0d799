"""What a process does once and slowly, done before it forks children that would each do it."""

import gc

from apps.rails.iso20022.codec import from_xml, to_xml
from apps.transactions.calendar import BUSINESS_CALENDAR
from tests.support.core import NOW
from tests.support.rails import a_transfer


def warm() -> None:
    """Holidays take most of a second to import, messages a tenth to learn; what is here then need not be collected."""
    for year in (NOW.year, NOW.year + 1):
        BUSINESS_CALENDAR.is_holiday(NOW.date().replace(year=year))
    from_xml(to_xml(a_transfer()).encode())
    gc.collect()
    gc.freeze()
