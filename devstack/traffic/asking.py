"""Customers who ask each other for money: one friend, or all who were at dinner."""

from devstack.client import Document, request_body
from devstack.traffic.players import Players

_AT_DINNER = 3
# A friend who was asked, out of ten: pays, says no, or says nothing at all.
_PAYS, _SAYS_NO = 7, 2


def asks_a_friend(players: Players) -> None:
    """Mostly it is paid within a minute; some say no, some say nothing."""
    requester = players.town.payer()
    friend = players.town.other_than(requester)
    payer = (friend.name, friend.email)
    body = request_body(requester, players.amount(), payer=payer, memo=players.memo())
    request = players.client.send(body)
    answered = players.chance.randrange(10)
    if answered < _PAYS:
        players.later((5, 40), lambda: _answer(players, request, "accept"))
    elif answered < _PAYS + _SAYS_NO:
        players.later((5, 40), lambda: _answer(players, request, "decline"))


def shared_dinner(players: Players) -> None:
    """One paid for all and asks three friends for their shares: two pay, one declines."""
    host = players.town.payer()
    friends = players.town.others_than(host, _AT_DINNER)
    cents = players.chance.randrange(1_200, 4_800)
    share = f"{cents // 100}.{cents % 100:02d}"
    total = cents * len(friends)
    parts = [(friend.name, friend.email, share) for friend in friends]
    body = request_body(
        host, f"{total // 100}.{total % 100:02d}", shares=parts, memo="Dinner for all of us"
    )
    split = players.client.send(body)
    players.later((8, 25), lambda: _answer_shares(players, split))


def _answer_shares(players: Players, split: Document) -> None:
    """Each when they get to it; a share that nobody was asked for yet is left to its end."""
    for number, share in enumerate(players.client.orders(caused_by=split["id"])):
        answer = "decline" if number == 0 else "accept"
        players.later((1, 30), lambda share=share, answer=answer: _answer(players, share, answer))


def _answer(players: Players, request: Document, answer: str) -> None:
    reason = "That was not me" if answer == "decline" else "With pleasure"
    players.client.command(request["id"], answer, reason=reason)
