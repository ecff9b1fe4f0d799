"""The Zelle-like network: an alias directory, payments that are final in seconds, and requests."""

from apps.rails.networks.adapter import Network

_PAYMENTS = {"pacs.008", "pacs.002", "pacs.004", "pacs.028", "camt.056", "camt.029"}

NETWORK = Network(
    name="zelle",
    title="Zelle",
    takes=frozenset(_PAYMENTS | {"pain.013", "pain.014", "camt.055"}),
    brings=frozenset(_PAYMENTS | {"pain.013", "pain.014", "camt.055"}),
    has_directory=True,
)
