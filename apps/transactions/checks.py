"""What a customer can be told at once of an order: who may use which account and product, and which payee serves it.

Funds and limits are the flow's to decide, and it looks at all of this again.
"""

from apps.kernel.errors import Conflict, Invalid, NotFound
from apps.profiles.domain.preferences import is_on
from apps.transactions.domain.product import Product
from apps.transactions.selectors import Surroundings
from dpms_site.mongodb import Document


def check_currency(product: Product, currency: str) -> None:
    """Raises Invalid (`currency_not_offered`)."""
    if currency not in product.currencies:
        allowed = ", ".join(sorted(product.currencies))
        detail = f"{product.title} pays in {allowed}."
        raise Invalid("currency_not_offered", detail, "/amount/currency")


def check_party(
    surroundings: Surroundings,
    *,
    side: str,
    customer: str,
    account: str,
    product: str,
    currency: str,
    switch: str | None = None,
) -> None:
    """Raises a DomainError unless the customer may use the account and the product; `side` is the party's pointer.

    `switch` is the customer's preference that must be on, if one must.
    """
    found = surroundings.customers.get(customer)
    if found is None:
        raise NotFound("customer_not_found", "There is no such customer.", f"{side}/customer")
    used = surroundings.accounts.get(account)
    if used is None or used["customer"] != customer:
        raise NotFound("account_not_found", "The customer has no such account.", f"{side}/account")
    if found["status"] != "ACTIVE":
        detail = f"The customer is {found['status']}."
        raise Conflict("customer_not_active", detail, f"{side}/customer")
    if product not in found["products"]:
        detail = f"The customer is not enrolled for {product}."
        raise Conflict("product_not_enrolled", detail, "/product")
    if switch and not is_on(found.get("preferences"), product=product, switch=switch):
        detail = f"The customer switched sending by {product} off."
        raise Conflict("sending_switched_off", detail, "/product")
    if used["status"] != "OPEN":
        raise Conflict("account_closed", "The account is closed.", f"{side}/account")
    if used["currency"] != currency:
        detail = f"The account is in {used['currency']}."
        raise Invalid("currency_mismatch", detail, "/amount/currency")


def payee_of(surroundings: Surroundings, payee_id: str, *, customer: str) -> Document:
    """The customer's payee, who may be dealt with at present. Raises NotFound or Conflict."""
    payee = surroundings.payees.get(payee_id)
    if payee is None or payee["customer"] != customer:
        raise NotFound("payee_not_found", "The customer has no such payee.", "/payee")
    if payee["status"] == "REMOVED":
        raise Conflict("payee_removed", "The payee was removed.", "/payee")
    if payee["status"] == "SUSPENDED":
        raise Conflict("payee_suspended", "The payee is suspended.", "/payee")
    return payee


def check_reach(product: Product, payee: Document) -> None:
    """Whether the product pays to where the payee is: an alias, or an account in this country.

    Raises Invalid (`payee_without_alias`, `payee_without_account`).
    """
    if payee["alias"] is not None and "alias" in product.targets:
        return
    if payee.get("account") is not None and "account" in product.targets:
        return
    if "alias" in product.targets:
        detail = f"{product.title} pays to an e-mail address or phone number."
        raise Invalid("payee_without_alias", detail, "/payee")
    detail = f"{product.title} pays to an account with its routing number."
    raise Invalid("payee_without_account", detail, "/payee")
