"""REST addresses of customers and aliases."""

from django.urls import path

from apps.profiles import api

api_urls = [
    path("customers", api.CustomersView.as_view()),
    path("customers/<str:customer_id>", api.CustomerView.as_view()),
    path("customers/<str:customer_id>/aliases", api.AliasesView.as_view()),
    path("customers/<str:customer_id>/aliases/<str:alias_id>", api.AliasView.as_view()),
    path("aliases/<str:alias_id>/verify", api.AliasVerificationView.as_view()),
]
