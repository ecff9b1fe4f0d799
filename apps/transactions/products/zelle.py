"""Zelle: person-to-person payments in US dollars to an e-mail address or phone number.

| figure | value | source |
| --- | --- | --- |
| claim | 14 calendar days | published by banks for Zelle (United Bank's FAQ; one bank publishes 10) |
| request | 30 calendar days | published by a bank for Zelle (U.S. Bank, KB0070118) |
| answer of the network | 30 seconds | ours: the payment clock of FedNow is about 20 s (procedures, 2024-10) |
| enquiry, again after | 60 seconds, at most 5 times | ours |
| cancel | until it was sent | banks' terms: no cancel once the recipient is enrolled |
| recall | 10 business days | FedNow procedures, 2024-10: final answer after a pending one |
"""

from apps.transactions.domain.product import Product

ZELLE = Product(
    name="zelle",
    title="Zelle",
    currencies=frozenset({"USD"}),
    claim_days=14,
    targets=frozenset({"alias"}),
    answer_seconds=30,
    enquiry_seconds=60,
    enquiries_max=5,
    request_days=30,
    recall_answer_business_days=10,
)
