"""The products offered, by name: the one list that a new product is added to."""

from apps.kernel.errors import Invalid
from apps.transactions.domain.product import Product
from apps.transactions.products.zelle import ZELLE

PRODUCTS = {item.name: item for item in (ZELLE,)}


def product(name: str, pointer: str = "/product") -> Product:
    """The product called `name`. Raises Invalid (`product_unknown`)."""
    found = PRODUCTS.get(name)
    if found is None:
        offered = ", ".join(sorted(PRODUCTS))
        raise Invalid("product_unknown", f"Use a product that is offered: {offered}.", pointer)
    return found
