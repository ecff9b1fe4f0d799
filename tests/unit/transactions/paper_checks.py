"""A third product, added by naming this module and nothing else: checks on paper, drawn on accounts at other banks."""

from apps.transactions.domain.limits import Limits
from apps.transactions.domain.product import Product

CHECKS = Product(
    name="checks",
    title="Paper checks",
    currencies=frozenset({"USD"}),
    claim_days=0,
    rail="interfi",
    targets=frozenset({"account"}),
    limits={"bank": Limits(order_minor=100_000, day_minor=100_000, day_count=5)},
    answer_business_days=5,
    cancellable_in=frozenset({"RECEIVED", "SCHEDULED", "HELD"}),
)
