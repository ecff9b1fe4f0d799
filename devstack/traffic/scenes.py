"""What the demo's customers do: one function per outcome that a bank wants to see."""

from collections.abc import Callable

from devstack.client import Customer, Document, order_body
from devstack.traffic.asking import asks_a_friend, shared_dinner
from devstack.traffic.elsewhere import brought, sent_elsewhere
from devstack.traffic.people import Person
from devstack.traffic.players import Players

Scene = Callable[[Players], None]


def ordinary(players: Players) -> None:
    payer, payee = players.pair()
    players.send(payer, payee, players.amount())


def over_the_limit(players: Players) -> None:
    payer, payee = players.pair()
    players.send(payer, payee, f"{players.chance.randrange(5_001, 9_000)}.00")


def no_funds(players: Players) -> None:
    payer = players.town.poor_payer()
    friend = players.town.other_than(payer)
    payee = players.town.payee(payer, name=friend.name, email=friend.email)
    players.send(payer, payee, f"{players.chance.randrange(3_000, 5_000)}.00")


def unclaimed(players: Players) -> None:
    """To an address nobody owns: half of them are claimed within a minute or so, the rest wait."""
    _, _, stranger = _send_to_stranger(players)
    if players.chance.random() < 0.5:
        owner = players.town.payer()
        players.later(
            (15, 75),
            lambda: players.client.activate_alias(
                owner.id, email=stranger.email, account=owner.account
            ),
        )


def cancelled(players: Players) -> None:
    """To an address nobody owns, and taken back before anybody claims it."""
    order, _, _ = _send_to_stranger(players)
    players.later(
        (5, 25), lambda: players.client.cancel(order["id"], reason="Sent to the wrong address")
    )


def cancelled_too_late(players: Players) -> None:
    """A cancel of what is final already: refused, and the order stays as it is."""
    payer, payee = players.pair()
    order = players.send(payer, payee, players.amount())
    players.later((3, 6), lambda: players.client.cancel(order["id"], reason="Changed my mind"))


def duplicate(players: Players) -> None:
    """The same payment twice within moments: the second waits for a person, some senders cancel it."""
    payer, payee = players.pair()
    amount, reference = players.amount(), f"Invoice {players.chance.randrange(1000, 9999)}"
    players.send(payer, payee, amount, reference)
    gives_up = players.chance.random() < 0.6

    def again() -> None:
        order = players.send(payer, payee, amount, reference)
        if gives_up:
            players.later(
                (15, 60), lambda: players.client.cancel(order["id"], reason="Sent twice by mistake")
            )

    players.later((2, 5), again)


def rent(players: Players) -> None:
    """The first of every month, for as long as the flat is theirs; each customer rents one flat at most."""
    tenant = players.town.tenant()
    if tenant is None:
        return
    landlord = players.town.other_than(tenant)
    payee = players.town.payee(tenant, name=landlord.name, email=landlord.email)
    rent_body = order_body(
        tenant, payee, f"{players.chance.randrange(6, 20)}50.00", reference="Rent"
    )
    today = players.client.clock()["now"][:10]
    players.client.schedule({**rent_body, "first_on": today, "frequency": "monthly"})
    players.town.rents(tenant)


# How often each happens, in parts of a hundred.
SCENES: dict[Scene, int] = {
    ordinary: 63,
    over_the_limit: 3,
    no_funds: 4,
    unclaimed: 6,
    cancelled: 4,
    cancelled_too_late: 2,
    duplicate: 3,
    asks_a_friend: 3,
    shared_dinner: 2,
    sent_elsewhere: 6,
    brought: 3,
    rent: 1,
}


def _send_to_stranger(players: Players) -> tuple[Document, Customer, Person]:
    payer, stranger = players.town.payer(), players.town.newcomer()
    payee = players.town.payee(payer, name=stranger.name, email=stranger.email)
    return players.send(payer, payee, players.amount()), payer, stranger
