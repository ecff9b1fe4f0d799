"""Products: each is one module; a further one is named and changes how its own orders go, and nothing else."""

import inspect
import os
import subprocess
import sys
from dataclasses import fields

import pytest

from apps.transactions.domain.apply import Applied, apply
from apps.transactions.domain.product import Product
from apps.transactions.domain.results import Refused
from apps.transactions.products.registry import PRODUCTS, discovered
from tests.support.core import NOW, a_new_order, answered, asked, assessed, facts, statuses_of
from tests.support.stack import PROJECT
from tests.unit.transactions import paper_checks
from tests.unit.transactions.paper_checks import CHECKS

MODULE = "tests.unit.transactions.paper_checks"


def test_every_module_of_the_package_is_offered() -> None:
    assert sorted(PRODUCTS) == ["interfi", "zelle"]
    assert {name: product.targets for name, product in PRODUCTS.items()} == {
        "interfi": {"account"},
        "zelle": {"alias"},
    }


def test_a_further_product_is_offered_by_naming_its_module() -> None:
    program = (
        "from apps.transactions.products.registry import product; print(product('checks').title)"
    )

    told = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "DPMS_PRODUCT_MODULES": MODULE},
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == "Paper checks"


def test_a_module_without_product_and_a_name_taken_twice_are_refused() -> None:
    with pytest.raises(ValueError, match="states no product"):
        discovered(["tests.support.core.__doc__".rpartition(".")[0].replace("core", "clock")])
    with pytest.raises(ValueError, match="as another module does"):
        discovered([MODULE, MODULE])


def test_its_order_goes_to_its_rail_and_is_paid_by_its_answer() -> None:
    order = a_new_order(product="checks", alias_key=None)
    around = facts(product=CHECKS, recipient=None)

    sent = apply(order, assessed(), around, NOW)
    assert isinstance(sent, Applied)
    paid = apply(sent.order, answered(accepted=True), around, NOW)
    assert isinstance(paid, Applied)

    assert statuses_of(paid.order) == ["RECEIVED", "VALIDATED", "FUNDED", "SUBMITTED", "COMPLETED"]
    assert [(each.type, each.network) for each in sent.outgoing] == [("pacs.008", "interfi")]
    assert sent.order["due_event"] == "network_silent"
    assert any(
        line["account"] == "acc_int_settlement_interfi_USD" for line in paid.entries[0]["lines"]
    )


def test_its_own_policy_says_when_it_can_be_cancelled() -> None:
    order = a_new_order(product="checks")
    order["status"] = order["history"][0]["status"] = "AWAITING_CLAIM"

    result = apply(order, asked("cancel"), facts(product=CHECKS), NOW)

    assert isinstance(result, Refused)
    assert result.reason == "cancel_not_offered"


def test_a_payee_must_be_of_a_kind_that_the_product_pays_to() -> None:
    result = apply(a_new_order(product="checks"), assessed(), facts(product=CHECKS), NOW)

    assert isinstance(result, Applied)
    assert (result.order["status"], result.order["reason"]) == ("REJECTED", "AC01")


def test_the_guide_shows_this_very_module() -> None:
    guide = (PROJECT / "docs/guides/add-a-product.md").read_text()

    assert inspect.getsource(paper_checks) in guide
    assert f"DPMS_PRODUCT_MODULES={MODULE}" in guide
    # It tells of every field there is.
    assert [each.name for each in fields(Product) if f"`{each.name}`" not in guide] == []
