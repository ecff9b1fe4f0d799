"""REST addresses of accounts."""

from django.urls import path

from apps.ledger import api

api_urls = [
    path("customers/<str:customer_id>/accounts", api.AccountsView.as_view()),
    path("accounts/<str:account_id>", api.AccountView.as_view()),
    path("accounts/<str:account_id>/entries", api.EntriesView.as_view()),
]
