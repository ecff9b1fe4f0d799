"""Reads of accounts as documents, as they stand now."""

from pymongo import DESCENDING
from pymongo.client_session import ClientSession

from apps.kernel.errors import Conflict, NotFound
from apps.transactions.sides import on_account
from dpms_site.mongodb import Document, collection
from dpms_site.rest.pages import Page


def account_by_id(account_id: str, *, session: ClientSession | None = None) -> Document:
    """A customer's account; the bank's own accounts are not for callers."""
    wanted = {"_id": account_id, "customer": {"$ne": None}}
    account = collection("accounts").find_one(wanted, session=session)
    if account is None:
        raise NotFound("account_not_found", "There is no such account.")
    return account


def open_account_of(customer_id: str, account_id: str, *, pointer: str) -> Document:
    """The customer's open account. Another customer's account is as unknown as none."""
    account = collection("accounts").find_one({"_id": account_id})
    if account is None or account["customer"] != customer_id:
        raise NotFound("account_not_found", "The customer has no such account.", pointer)
    if account["status"] != "OPEN":
        raise Conflict("account_closed", "The account is closed.", pointer)
    return account


def orders_on(account: Document) -> Document:
    """The condition of orders that an account pays, is paid by, is asked by, or that give money back to it."""
    return on_account(account["customer"], account["_id"])


def accounts_page(customer_id: str, page: Page) -> list[Document]:
    condition: Document = {"customer": customer_id}
    if page.after is not None:
        condition |= page.after.as_filter("opened_at")
    cursor = collection("accounts").find(condition)
    return list(cursor.sort([("opened_at", DESCENDING), ("_id", DESCENDING)]).limit(page.limit + 1))
