"""What a product states about itself; adding a product touches no flow."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    """One way to pay. `claim_days` are calendar days that a send waits for its recipient to enrol."""

    name: str
    title: str
    currencies: frozenset[str]
    claim_days: int
