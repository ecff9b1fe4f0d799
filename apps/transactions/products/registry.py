"""The products offered, by name: every module of this package, and those that `DPMS_PRODUCT_MODULES` names.

A new product is a module that states a `Product`; nothing else changes. The variable holds dotted names with commas
between them, and web processes and flow jobs must see the same value.
"""

import os
import pkgutil
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from apps.kernel.errors import Invalid
from apps.transactions.domain.limits import Limits
from apps.transactions.domain.product import Product

_PACKAGE = "apps.transactions.products"


def discovered(modules: Iterable[str]) -> dict[str, Product]:
    """The products that the modules state, by name. Raises ValueError when two have one name, or a module has none."""
    found: dict[str, Product] = {}
    for name in modules:
        stated = [item for item in vars(import_module(name)).values() if isinstance(item, Product)]
        if not stated:
            raise ValueError(f"{name} states no product")
        for item in stated:
            if item.name in found:
                raise ValueError(f"{name} states the product {item.name}, as another module does")
            found[item.name] = item
    return found


def _modules() -> list[str]:
    here = [each.name for each in pkgutil.iter_modules([str(Path(__file__).parent)])]
    own = [f"{_PACKAGE}.{name}" for name in here if name != "registry"]
    named = os.environ.get("DPMS_PRODUCT_MODULES", "")
    return own + [name.strip() for name in named.split(",") if name.strip()]


PRODUCTS = discovered(_modules())


def limits_of(name: str, *, platform: Limits, profile: str) -> Limits:
    """What the product says of this limit profile, else the platform's own figures."""
    found = PRODUCTS.get(name)
    return found.limits.get(profile, platform) if found else platform


def product(name: str, pointer: str = "/product") -> Product:
    """The product called `name`. Raises Invalid (`product_unknown`)."""
    found = PRODUCTS.get(name)
    if found is None:
        offered = ", ".join(sorted(PRODUCTS))
        raise Invalid("product_unknown", f"Use a product that is offered: {offered}.", pointer)
    return found
