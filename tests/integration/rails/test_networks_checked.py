"""verify_networks beside a network over HTTP: its position against our settlement accounts, and one that is silent."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from pymongo.database import Database

from apps.kernel.findings import Findings
from apps.rails.iso20022.codec import to_xml
from apps.rails.management.commands import verify_networks
from streaming.contracts.codec import storable
from tests.integration.rails.town import ORDER, a_network, a_payment, ports, post, sends
from tests.support.fates import FATES

Document = dict[str, Any]
SETTLEMENT = "acc_int_settlement_zelle_USD_7"


def _look() -> list[tuple[str, str]]:
    found = verify_networks.check_networks(Findings(), wait_seconds=0)
    return [(problem.id, problem.rule) for problem in found.problems]


def test_positions_agree_or_differ_by_what_is_under_way(
    database: Database[Document], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = ports("zelle", "nobody")
    urls = {"zelle": f"http://127.0.0.1:{chosen['zelle']}", "interfi": ""}
    monkeypatch.setattr(verify_networks, "url_of", lambda name, _: urls[name])
    payment = a_payment()
    waiting = FATES["send: at the network"]()[0] | {"_id": ORDER, "amount_minor": 1234}
    paid = FATES["send: paid by the network"]()[0] | {"_id": ORDER, "amount_minor": 1234}
    with a_network("zelle", tmp_path, chosen["zelle"], f"http://127.0.0.1:{chosen['nobody']}"):
        message = sends(database, payment)
        assert post(f"{urls['zelle']}/messages", to_xml(payment).encode())[0] == 202
        database.rail_receipts.insert_one({"_id": message, "state": "TAKEN"})
        database.orders.insert_one(storable(dict(waiting)))
        assert _look() == []

        database.orders.replace_one({"_id": ORDER}, storable(dict(paid)))
        assert _look() == [("zelle USD", "settlement_is_orders")]
        account = {"_id": SETTLEMENT, "purpose": "settlement", "posted_minor": 1234}
        database.accounts.insert_one(storable(account))
        assert _look() == []

        database.orders.delete_one({"_id": ORDER})
        assert {rule for _, rule in _look()} == {"settled_alike", "settlement_is_orders"}
    with pytest.raises(CommandError, match="could not check: zelle") as raised:
        _look()
    assert raised.value.returncode == 2
