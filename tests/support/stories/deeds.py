"""What people do in a story, here and at other banks: send money, ask for it, and are paid or asked."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from devstack.client import order_body, request_body
from tests.support.stories.outcomes import the_story_goes_on_with
from tests.support.stories.scene import Scene
from tests.support.stories.stage import PLATFORM
from tests.support.stories.story import Step, Until, Wait

_EASTERN = ZoneInfo("America/New_York")
_WORDS = "as the story has it"

Waits = Iterator[Wait]


# Sending money


def sends(
    amount: str = "7.00", *, to: str = "far", reference: str = "", in_days: int | None = None
) -> Step:
    """Ann pays: `bob`, who banks here, `far` at another bank, `nobody` yet, or an `account` elsewhere."""

    def step(scene: Scene) -> Waits:
        fields = {"reference": reference} if reference else {}
        if in_days is not None:
            today = scene.stage.now(PLATFORM).astimezone(_EASTERN).date()
            fields["execute_on"] = (today + timedelta(days=in_days)).isoformat()
        payee = _payee(scene, to)
        if to == "far":
            yield Until("the directory knows Faye's bank", lambda: _is_served(scene))
        body = order_body(scene.ann, payee, amount, **fields)
        if to == "account":
            body["product"] = "interfi"
        scene.it = scene.client.send(body)["id"]
        yield from _seen(scene)

    return step


def saves(who: str) -> Step:
    """Ann saves a payee without paying it yet."""

    def step(scene: Scene) -> Waits:
        _payee(scene, who)
        yield from ()

    return step


def _is_served(scene: Scene) -> bool:
    """A network that is slow for a moment is asked again."""
    asked = urlencode({"kind": "email", "value": scene.far})
    return bool(scene.client.get(f"/api/v1/directory?{asked}")["served_by"] == "NETWORK")


def _payee(scene: Scene, to: str) -> str:
    if to in scene.payees:
        return scene.payees[to]
    ann = scene.ann.id
    if to == "account":
        found = scene.client.add_bank_payee(
            ann, name="Acc Elsewhere", routing_number="021000021", account_number="12345678901"
        )
    else:
        person = scene.bob if to == "bob" else None
        name = person.name if person else "Faye Away"
        email = person.email if person else {"far": scene.far, "nobody": scene.nobody}[to]
        found = scene.client.add_payee(ann, name=name, email=email)
    scene.payees[to] = found
    return found


def enrols(who: str, *, suspended: bool = False) -> Step:
    """Ann or Bob makes the address theirs that nobody had."""

    def step(scene: Scene) -> Waits:
        person = getattr(scene, who)
        if suspended:
            scene.client.suspend(person.id, reason=_WORDS)
        scene.client.activate_alias(person.id, email=scene.nobody, account=person.account)
        yield from ()

    return step


def another_bank_serves_it() -> Step:
    """The address that nobody had is from now on served at another bank."""

    def step(scene: Scene) -> Waits:
        scene.stage.serve(f"email:{scene.nobody}", "zelle")
        yield from ()

    return step


def suspended(who: str) -> Step:
    """The bank suspends Ann or Bob."""

    def step(scene: Scene) -> Waits:
        if who == "ann":
            assert scene.ann_s_email  # which is hers from before
        scene.client.suspend(getattr(scene, who).id, reason=_WORDS)
        yield from ()

    return step


def closes_her_account() -> Step:
    """Ann's empty account is closed; her alias goes on leading to it."""

    def step(scene: Scene) -> Waits:
        assert scene.ann_s_email  # which is hers from before
        closed = scene.client.close_account(scene.ann.account, reason=_WORDS)
        assert closed["status"] == "CLOSED"
        yield from ()

    return step


def pays_away(amount: str, *, by: str = "ann") -> Step:
    """Ann pays Bob so much, or he her, in an order that is not told about further."""

    def step(scene: Scene) -> Waits:
        told = scene.it
        payer, recipient = (scene.ann, scene.bob) if by == "ann" else (scene.bob, scene.ann)
        email = scene.bob.email if by == "ann" else scene.ann_s_email
        payee = scene.client.add_payee(payer.id, name=recipient.name, email=email)
        scene.it = scene.client.send(order_body(payer, payee, amount))["id"]
        yield from _seen(scene)
        yield Until("it is paid", lambda: scene.order()["status"] == "COMPLETED")
        scene.it = told

    return step


# Receiving money


def is_paid(
    amount: str = "11.00", *, by: str = "Olive Other", to: str = "ann", reference: str = "thanks"
) -> Step:
    """Somebody at another bank pays Ann (or `nobody`)."""

    def step(scene: Scene) -> Waits:
        alias = scene.nobody if to == "nobody" else scene.ann_s_email
        creditor = {"alias": f"email:{alias}", "name": scene.ann.name}
        payment = {
            "amount": {"value": amount, "currency": "USD"},
            "creditor": creditor,
            "debtor_name": by.format(tag=scene.tag),
            "reference": reference,
            **({"end_to_end_id": scene.end_to_end_id} if scene.end_to_end_id else {}),
        }
        answer = scene.client.play("zelle", "payments", payment)
        scene.end_to_end_id = answer["end_to_end_id"]
        if not scene.it:
            yield Until("the payment arrives", lambda: bool(scene.brought("receive")))
            scene.it = scene.brought("receive")[0]["id"]

    return step


def blocked(name: str) -> Step:
    """The bank blocks a name; `{tag}` makes it this story's."""

    def step(scene: Scene) -> Waits:
        scene.client.block_name(name.format(tag=scene.tag), reason=_WORDS)
        yield from ()

    return step


def is_recalled(reason: str = "DUPL") -> Step:
    """The other bank wants back what it brought; from now on the story is about that return."""

    def step(scene: Scene) -> Waits:
        recall = {"end_to_end_id": scene.end_to_end_id, "reason": reason}
        scene.client.play("zelle", "recalls", recall)
        yield from the_story_goes_on_with("return")(scene)

    return step


# Asking for money


def asks(
    amount: str = "30.00", *, of: str = "bob", reference: str = "dinner", for_days: float = 3
) -> Step:
    """Ann asks: `bob`, `far` at another bank, or `nobody` yet."""

    def step(scene: Scene) -> Waits:
        email = scene.bob.email if of == "bob" else getattr(scene, of)
        if of == "far":
            yield Until("the directory knows Faye's bank", lambda: _is_served(scene))
        name = scene.bob.name if of == "bob" else "Faye Away"
        body = request_body(
            scene.ann,
            amount,
            payer=(name, email),
            reference=reference,
            expires_at=_until(scene, for_days),
        )
        scene.it = scene.client.send(body)["id"]
        scene.end_to_end_id = scene.it.partition("_")[2]
        yield from _seen(scene)

    return step


def splits(*shares: tuple[str, str], for_days: float = 3) -> Step:
    """Ann asks several: pairs of who (`bob`, `cleo`) and how much."""

    def step(scene: Scene) -> Waits:
        people = [getattr(scene, who) for who, _ in shares]
        parts = [
            (each.name, each.email, part) for each, (_, part) in zip(people, shares, strict=True)
        ]
        total = sum(int(part.replace(".", "")) for _, part in shares)
        amount = f"{total // 100}.{total % 100:02d}"
        body = request_body(scene.ann, amount, shares=parts, expires_at=_until(scene, for_days))
        scene.it = scene.client.send(body)["id"]
        yield from _seen(scene)
        yield Until("each share is brought to its payer", lambda: _are_brought(scene, len(shares)))

    return step


def _are_brought(scene: Scene, number: int) -> bool:
    return [each["status"] for each in scene.caused("request")] == ["DELIVERED"] * number


def _until(scene: Scene, for_days: float) -> str:
    ends = scene.stage.now(PLATFORM) + timedelta(days=for_days)
    return ends.strftime("%Y-%m-%dT%H:%M:%SZ")


def is_asked(amount: str = "9.00", *, reference: str = "rent", to: str = "ann") -> Step:
    """Somebody at another bank asks Ann (or `nobody`) for money."""

    def step(scene: Scene) -> Waits:
        alias = scene.nobody if to == "nobody" else scene.ann_s_email
        request = {
            "amount": {"value": amount, "currency": "USD"},
            "debtor": {"alias": f"email:{alias}", "name": scene.ann.name},
            "creditor_name": "Lena Landlord",
            "reference": reference,
        }
        scene.end_to_end_id = scene.client.play("zelle", "requests", request)["end_to_end_id"]
        yield Until("the request arrives", lambda: bool(scene.brought("request")))
        scene.it = scene.brought("request")[0]["id"]

    return step


def the_asker_takes_it_back(reason: str = "CUST") -> Step:
    """Whoever at another bank asked Ann takes the request back."""

    def step(scene: Scene) -> Waits:
        door = f"requests/{scene.end_to_end_id}/cancellations"
        scene.client.play("zelle", door, {"reason": reason})
        yield from ()

    return step


def far_bank_says(status: str, reason: str | None = None) -> Step:
    """What becomes of Ann's request at the payer's bank: RCVD, PRES, PDNG, ACTC (which is a promise) or RJCT."""

    def step(scene: Scene) -> Waits:
        answer = {"status": status, **({"reason": reason} if reason else {})}
        door = f"requests/{scene.end_to_end_id}/answers"
        scene.client.play("zelle", door, answer, status=200)
        yield from ()

    return step


def _seen(scene: Scene) -> Waits:
    yield Until("it is listed", lambda: scene.it in scene.stage.orders)
