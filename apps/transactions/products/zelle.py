"""Zelle: person-to-person payments in US dollars to an e-mail address or phone number.

A payment to a token that nobody enrols expires after 14 days, as banks publish for Zelle (one
publishes 10; configurable per product).
"""

from apps.transactions.domain.product import Product

ZELLE = Product(name="zelle", title="Zelle", currencies=frozenset({"USD"}), claim_days=14)
