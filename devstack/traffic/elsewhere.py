"""Friends at other banks: whom the town's customers pay over a network, and who pay them."""

import uuid

from devstack.traffic.players import Players

# Addresses that the sandbox's other banks serve.
_FRIENDS = (
    ("Astrid Berg", "astrid.berg@other-bank.example"),
    ("Bashir Haddad", "bashir.haddad@third-bank.example"),
    ("Clara Moreau", "clara.moreau@other-bank.example"),
    ("Desmond Achebe", "desmond.achebe@third-bank.example"),
    ("Elena Popescu", "elena.popescu@other-bank.example"),
    ("Fergus Doyle", "fergus.doyle@third-bank.example"),
)
# What the network is asked to do, out of twenty payments; the others are taken at once.
_TROUBLE = ("SIM-TIMEOUT-30", "SIM-RETURN-FOCR", "SIM-AC04")
_OUT_OF = 20


def sent_elsewhere(players: Players) -> None:
    """Over the network: now and then it answers too late, sends the money back, or rejects it."""
    payer = players.town.payer()
    name, email = players.chance.choice(_FRIENDS)
    payee = players.town.payee(payer, name=name, email=email)
    dice = players.chance.randrange(_OUT_OF)
    trouble = _TROUBLE[dice] if dice < len(_TROUBLE) else None
    players.send(payer, payee, players.amount(), trouble)


def brought(players: Players) -> None:
    """A friend at another bank pays somebody here."""
    name, _ = players.chance.choice(_FRIENDS)
    recipient = players.town.payer()
    payment = {
        "amount": {"value": players.amount(), "currency": "USD"},
        "creditor": {"alias": f"email:{recipient.email}", "name": recipient.name},
        "debtor_name": name,
        "reference": players.memo()[:35],
        # Sent again under this name it is refused: whatever the answer was, it happens once.
        "end_to_end_id": uuid.uuid4().hex,
    }
    players.client.play("zelle", "payments", payment)
