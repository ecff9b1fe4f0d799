"""InterFi: transfers between accounts at two institutions that settle in 1-3 business days, and may be returned."""

from apps.rails.networks.adapter import Network

_PAYMENTS = {"pacs.008", "pacs.002", "pacs.004", "pacs.028", "camt.056", "camt.029"}

NETWORK = Network(
    name="interfi",
    title="InterFi",
    takes=frozenset(_PAYMENTS),
    brings=frozenset(_PAYMENTS),
    proves_accounts=True,
)
