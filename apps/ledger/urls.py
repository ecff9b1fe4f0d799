"""REST addresses of accounts."""

from django.urls import path

from apps.ledger import api, history_api, positions_api

api_urls = [
    path("ledger/positions", positions_api.PositionsView.as_view()),
    path("customers/<str:customer_id>/accounts", api.AccountsView.as_view()),
    path("accounts/<str:account_id>", api.AccountView.as_view()),
    path("accounts/<str:account_id>/close", api.ClosingView.as_view()),
    path("accounts/<str:account_id>/entries", history_api.EntriesView.as_view()),
    path("accounts/<str:account_id>/balance", history_api.BalanceView.as_view()),
    path("accounts/<str:account_id>/statement", history_api.StatementView.as_view()),
]
