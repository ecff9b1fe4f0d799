"""Bugs in the API and in the console."""

import secrets
from typing import Any

from channels.security.websocket import OriginValidator
from django.middleware.csrf import CsrfViewMiddleware
from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

from apps.console import guard, live, rows
from apps.kernel import ids
from apps.transactions import services
from tests.planted.ground import planted, replace, replace_in

ACCEPT = "tests/integration/api/test_accept_order.py"
CONSOLE = "tests/integration/console"


@planted(
    "An order is answered as accepted before its insert is done.",
    caught_by="tests/integration/test_promises.py::test_an_order_is_accepted_by_a_majority_and_its_journal",
    says="assert",
)
def answer_before_commit() -> None:
    real = vars(services)["collection"]

    def unwaited(name: str) -> Any:
        found = real(name)
        return found.with_options(write_concern=WriteConcern(w=0)) if name == "orders" else found

    replace_in(services, "collection", unwaited)


@planted(
    "An order is accepted by one node, without its journal.",
    caught_by="tests/integration/test_promises.py::test_an_order_is_accepted_by_a_majority_and_its_journal",
    says="assert",
)
def accepted_by_one_node() -> None:
    real = vars(services)["collection"]
    replace_in(
        services,
        "collection",
        lambda name: real(name).with_options(write_concern=WriteConcern(w=1)),
    )


@planted(
    "A request that comes again gets another order id.",
    caught_by=f"{ACCEPT}::TestARepeatedRequest::test_gets_the_original_answer",
    says="assert",
)
def retry_without_same_id() -> None:
    replace(ids.order_id, lambda *_: "ord_" + secrets.token_hex(16))


@planted(
    "A key that was used with another body gets the answer of that one.",
    caught_by=f"{ACCEPT}::TestARepeatedRequest::test_is_refused_with_another_body[memo-other]",
    says="idempotency_key_reused",
)
def body_hash_not_compared() -> None:
    def replayed(earlier: Any, _submission: Any) -> Any:
        return services.Accepted(services.as_accepted(earlier), is_replay=True)

    replace(services._replayed, replayed)


@planted(
    "A page is shown though the access log cannot keep that it was.",
    caught_by=f"{CONSOLE}/test_access_log.py::test_refuses_a_look_that_it_cannot_keep",
    says="assert 200 == 503",
)
def looks_not_kept() -> None:
    real = guard._record

    def record(*args: Any) -> None:
        try:
            real(*args)
        except PyMongoError:
            return

    replace(real, record)


@planted(
    "Contact points are shown whole to whoever may only see them masked.",
    caught_by="tests/unit/console/test_rows.py::test_masks_an_address_wherever_somebody_wrote_it",
    says="bea@example.com",
)
def masking_forgotten() -> None:
    replace(rows._masked, rows._whole)


@planted(
    "An open socket is never asked again whether its session still stands.",
    caught_by=f"{CONSOLE}/test_live_protocol.py::test_ends_within_five_seconds_of_a_change_of_rights",
    says="TimeoutError",
)
def rights_not_rechecked() -> None:
    async def never(_self: Any) -> None:
        return None

    replace_in(live.LiveSocket, "_check_rights_forever", never)


@planted(
    "A socket that comes back begins anew instead of where it was.",
    caught_by=f"{CONSOLE}/test_live.py::test_resumes_after_the_number_that_the_browser_has",
    says="assert",
)
def socket_without_resume() -> None:
    async def no(*_: Any) -> bool:
        return False

    replace_in(live.LiveSocket, "_resume", no)


@planted(
    "A socket is opened from whatever page asks.",
    caught_by=f"{CONSOLE}/test_origin.py::test_is_not_opened_from_elsewhere_even_with_a_session",
    says="websocket.accept",
)
def origin_not_checked() -> None:
    replace_in(OriginValidator, "valid_origin", lambda *_: True)


@planted(
    "A form is taken from whatever page sends it.",
    caught_by=f"{CONSOLE}/test_sessions.py::test_are_not_ended_by_a_link",
    says="403",
)
def csrf_not_checked() -> None:
    replace_in(CsrfViewMiddleware, "process_view", lambda *_: None)
