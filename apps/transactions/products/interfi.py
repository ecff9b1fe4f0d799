"""InterFi: transfers between institutions to a proved account at another bank, in US dollars.

| figure | value | source |
| --- | --- | --- |
| answer of the network | 3 business days | credit transfers settle in 1-3 business days (design: lifecycle, preamble) |
| enquiry, again after | 4 hours, at most 6 times | ours: a bank's day has two of them |
| claims and requests | none, 30 days | accounts are not claimed; requests as published for Zelle |
"""

from apps.transactions.domain.product import Product

INTERFI = Product(
    name="interfi",
    title="InterFi",
    currencies=frozenset({"USD"}),
    claim_days=0,
    targets=frozenset({"account"}),
    answer_business_days=3,
    enquiry_seconds=4 * 3600,
    enquiries_max=6,
)
