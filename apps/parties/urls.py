"""REST addresses of payees."""

from django.urls import path

from apps.parties import api

api_urls = [
    path("customers/<str:customer_id>/payees", api.PayeesView.as_view()),
    path("customers/<str:customer_id>/payees/<str:payee_id>", api.PayeeView.as_view()),
]
