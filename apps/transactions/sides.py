"""Conditions for the orders on which a customer stands, written so that the indexes of `orders` carry them.

An order is found by whom it was routed for (`route.customer`: who pays, asks, expects money or gets it back), by who is
paid, and by who is asked. An index for each side by itself would cost every order more than all reads of them save.
"""

from typing import Any

Condition = dict[str, Any]


def paid_by(customer: str) -> Condition:
    """Orders that the customer pays."""
    return {"route.customer": customer, "debtor.customer": customer}


def on_any_side(customer: str) -> Condition:
    """Orders that the customer pays, is paid by, is asked by, or gets money back from."""
    # Money that a network brings names its customer as creditor only when it is posted.
    arriving = {"kind": "receive", "creditor": None}
    routed = [{"debtor.customer": customer}, {"account.customer": customer}, arriving]
    return {
        "$or": [
            {"route.customer": customer, "$or": routed},
            {"creditor.customer": customer},
            {"payer": customer},
        ]
    }


def on_account(customer: str, account: str) -> Condition:
    """The same of one of the customer's accounts."""
    arriving = {"kind": "receive", "route.account": account}
    routed = [{"debtor.account": account}, {"account.account": account}, arriving]
    return {
        "$or": [
            {"route.customer": customer, "$or": routed},
            {"creditor.customer": customer, "creditor.account": account},
            {"payer": customer, "account": account},
        ]
    }
