"""Every refusal the API can give: its code, its HTTP status and what it means; the pages behind a problem's `type`."""

from dataclasses import dataclass
from html import escape

from django.http import Http404, HttpRequest, HttpResponse


@dataclass(frozen=True)
class Meaning:
    """`status` None: the code stands in `errors[]` beside a field, or its status follows from the kind of error."""

    title: str
    status: int | None = None


MEANINGS = {
    # The request as a whole
    "body_invalid": Meaning("The body has more than one fault; `errors` lists each", 400),
    "body_malformed": Meaning("The body is not one well-formed JSON object", 400),
    "body_too_large": Meaning("The body is over 1 MB", 413),
    "query_invalid": Meaning("A query parameter is unknown, repeated or malformed", 400),
    "cursor_invalid": Meaning("The cursor is not one that this list gave for these filters", 400),
    "feed_position_gone": Meaning(
        "The feed no longer has, or never had, this position: read the orders anew, then the feed without `after`",
        410,
    ),
    "request_malformed": Meaning("The request could not be read", 400),
    "not_found": Meaning("There is nothing at this address, or not for this caller", 404),
    "method_not_allowed": Meaning("This address does not take this method", 405),
    "media_type_unsupported": Meaning("Send the body as application/json", 415),
    "too_many_requests": Meaning("Too many requests; see Retry-After", 429),
    "internal_error": Meaning("The platform failed; quote the request id", 500),
    "temporarily_unavailable": Meaning("The database can't be reached; try again", 503),
    "outcome_unknown": Meaning(
        "The database did not confirm the write in time: it may or may not have happened. "
        "Send an order, a command or an account again with the same Idempotency-Key: it is never done twice",
        503,
    ),
    # Who is asking
    "token_missing": Meaning("Send an access token: Authorization: Bearer …", 401),
    "token_invalid": Meaning("The access token is not valid, or no longer", 401),
    "scope_missing": Meaning("The access token does not carry the scope this needs", 403),
    "invalid_client": Meaning("Client id or secret is wrong", 401),
    "invalid_request": Meaning("The token request is malformed", 400),
    "invalid_scope": Meaning("The client may not have a scope it asked for", 400),
    "unsupported_grant_type": Meaning("Only client_credentials is granted here", 400),
    # Fields
    "field_required": Meaning("A field is missing", 400),
    "field_unknown": Meaning("A field is not known here", 400),
    "field_null": Meaning("A field may not be null", 400),
    "field_malformed": Meaning("A field has the wrong type or form", 400),
    "field_too_long": Meaning("A text is longer than its field allows", 400),
    "field_empty": Meaning("A text is empty", 400),
    "characters_refused": Meaning("A text holds control or direction-changing characters", 400),
    "number_out_of_bounds": Meaning("A number is not whole or not within its bounds", 400),
    "choice_unknown": Meaning("A field has a value that is not offered", 400),
    "amount_malformed": Meaning(
        "An amount is not a decimal string with its currency's digits", 400
    ),
    "amount_not_a_string": Meaning("An amount's value is not a string", 400),
    "amount_not_positive": Meaning("An amount is not more than zero", 400),
    "amount_too_large": Meaning("An amount is larger than the platform handles", 400),
    "currency_unknown": Meaning("A currency is not offered", 400),
    "product_unknown": Meaning("A product is not offered", 400),
    "alias_malformed": Meaning("An e-mail address or phone number is not well-formed", 400),
    "routing_number_malformed": Meaning("A routing number fails its check digit", 400),
    "iban_malformed": Meaning("An IBAN fails its check digits, or its country's length", 400),
    "bic_malformed": Meaning("A BIC is not well-formed", 400),
    "bic_mismatch": Meaning("A BIC and an IBAN are of different countries", 400),
    "command_unknown": Meaning("There is no such command", 400),
    # Idempotency
    "idempotency_key_missing": Meaning("Send an Idempotency-Key", 400),
    "idempotency_key_malformed": Meaning("An Idempotency-Key is 1 to 255 printable ASCII", 400),
    "idempotency_key_reused": Meaning("This Idempotency-Key was used with another body", 422),
    # Orders
    "order_not_found": Meaning("There is no such order", 404),
    "command_not_found": Meaning("There is no such command", 404),
    "customer_not_found": Meaning("There is no such customer", 404),
    "account_not_found": Meaning("The customer has no such account", 404),
    "payee_not_found": Meaning("The customer has no such payee", 404),
    "alias_not_found": Meaning("There is no such alias", 404),
    "customer_not_active": Meaning("The customer is not active at present", 409),
    "account_closed": Meaning("The account is closed", 409),
    "account_not_empty": Meaning("Money is in the account or set aside on it", 409),
    "payee_removed": Meaning("The payee was removed", 409),
    "product_not_enrolled": Meaning("The customer is not enrolled for this product", 409),
    "sending_switched_off": Meaning("The customer switched sending by this product off", 409),
    "payee_without_alias": Meaning("This product pays to an e-mail address or phone number", 422),
    "payee_without_account": Meaning("This product pays to a bank account", 422),
    "currency_not_offered": Meaning("The product does not pay in this currency", 422),
    "currency_mismatch": Meaning("The account has another currency", 422),
    "execute_on_past": Meaning("The day to pay on is past", 422),
    "execute_on_too_far": Meaning("The day to pay on is too far ahead", 422),
    # Requests
    "payer_ambiguous": Meaning("Say who pays by exactly one of payer, payee and shares", 400),
    "product_without_requests": Meaning("The product carries no requests", 422),
    "request_to_oneself": Meaning("The one who is asked is the one who asks", 422),
    "expires_at_past": Meaning("The time of expiry is past", 422),
    "expires_at_too_far": Meaning("The product keeps no request for so long", 422),
    "split_size": Meaning("A split has 2 to 50 payers", 422),
    "split_does_not_add_up": Meaning("The shares do not add up to the amount", 422),
    "share_twice": Meaning("A payer stands in the split twice", 422),
    "share_not_positive": Meaning("A share is not more than zero", 422),
    "share_currency": Meaning("A share has another currency than the amount", 422),
    "directory_away": Meaning("The network's directory does not answer; try again", 503),
    # Networks that a sandbox plays
    "network_not_found": Meaning("There is no such network", 404),
    "network_away": Meaning("The network's simulator does not answer", 503),
    "network_refused": Meaning("The network's simulator refused it", 422),
    "not_offered": Meaning("The network does not offer this", 422),
    "end_to_end_id_taken": Meaning("The network knows this end-to-end id already", 422),
    "payment_unknown": Meaning("The network sent no such payment", 404),
    "request_unknown": Meaning("No such request reached the network", 404),
    # Schedules
    "schedule_not_found": Meaning("The customer has no such schedule", 404),
    "schedule_in_past": Meaning("The first payment's day is past", 422),
    "schedule_too_far": Meaning("The first payment is too far ahead", 422),
    "schedule_ends_first": Meaning("The schedule ends before it begins", 422),
    "schedule_rule_unfit": Meaning("Parts of the schedule's rule do not fit each other", 422),
    "schedule_over": Meaning("The schedule has ended or was cancelled", 409),
    "customer_mismatch": Meaning("The body names another customer than the address", 422),
    # Customers, accounts, aliases
    "alias_taken": Meaning("The alias is active for another enrolment", 409),
    "alias_not_pending": Meaning("The alias does not wait for a code", 409),
    "code_wrong": Meaning("The code is not the one that was sent", 409),
    "code_spent": Meaning("Too many wrong codes; ask for a new one", 409),
    "code_expired": Meaning("The code has expired; ask for a new one", 409),
    "codes_too_many": Meaning("Too many codes were sent; wait until the first has expired", 409),
    "code_not_asked": Meaning("No code was sent; ask for one first", 409),
    "contact_verified": Meaning("The contact is proved already", 409),
    "too_young": Meaning("The person is too young to enrol", 422),
    "customer_status_refuses": Meaning("The customer's status does not allow this", 409),
    "orders_under_way": Meaning("Orders are under way; `orders` names them", 409),
    "product_enrolled": Meaning("The customer is enrolled for this product already", 409),
    "event_unknown": Meaning("Customers are not told of such an event", 400),
    "channel_needed": Meaning("This notice can be moved to another channel, but not silenced", 400),
    # Payees
    "payee_duplicate": Meaning("The customer has this payee already", 409),
    "payee_blocked": Meaning("The bank does not pay to this payee", 409),
    "payee_suspended": Meaning("The payee is suspended, or suspended already", 409),
    "payee_not_suspended": Meaning("The payee is not suspended", 409),
    "payee_has_open_orders": Meaning("Orders to the payee are under way", 409),
    "block_lifted": Meaning("The block was lifted already", 409),
    "blocked_party_not_found": Meaning("There is no such blocked party", 404),
    "account_number_unknown": Meaning("No account number is kept for this payee", 404),
    "sandbox_only": Meaning("Only a sandbox offers this", 403),
    "clock_out_of_bounds": Meaning("The sandbox's clock may not be moved so far", 400),
    "clock_moving": Meaning("The sandbox's clock is being moved; try again", 409),
    "version_conflict": Meaning("It was changed meanwhile; read it again", 409),
}


def type_of(code: str) -> str:
    return f"/api/problems/{code}"


def problem_page(_request: HttpRequest, code: str | None = None) -> HttpResponse:
    """The page a problem's `type` leads to: one code, or all of them."""
    if code is not None and code not in MEANINGS:
        raise Http404
    shown = MEANINGS if code is None else {code: MEANINGS[code]}
    rows = "".join(
        f"<tr><td><a href='{type_of(name)}'><code>{name}</code></a></td>"
        f"<td>{meaning.status or ''}</td><td>{escape(meaning.title)}.</td></tr>"
        for name, meaning in shown.items()
    )
    return HttpResponse(
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>DPMS API problems</title>"
        "<h1>Problems the API answers with</h1>"
        "<table><thead><tr><th>code<th>status<th>meaning</thead>"
        f"<tbody>{rows}</tbody></table><p><a href='/api/problems/'>All codes</a> · "
        "<a href='/api/docs/'>API reference</a></html>"
    )
