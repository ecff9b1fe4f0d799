"""REST addresses of payees, blocked parties and the alias directory."""

from django.urls import path

from apps.parties import api, blocking_api, directory_api

_PAYEE = "customers/<str:customer_id>/payees/<str:payee_id>"

api_urls = [
    path("customers/<str:customer_id>/payees", api.PayeesView.as_view()),
    path(_PAYEE, api.PayeeView.as_view()),
    path(f"{_PAYEE}/check", api.PayeeCheckView.as_view()),
    path(f"{_PAYEE}/suspend", api.PayeeSuspensionView.as_view()),
    path(f"{_PAYEE}/reinstate", api.PayeeReinstatementView.as_view()),
    path("blocked-parties", blocking_api.BlockedPartiesView.as_view()),
    path("blocked-parties/<str:party_id>", blocking_api.BlockedPartyView.as_view()),
    path("blocked-parties/<str:party_id>/lift", blocking_api.BlockLiftView.as_view()),
    path("directory", directory_api.DirectoryView.as_view()),
]
