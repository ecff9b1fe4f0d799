"""REST addresses of customers and aliases."""

from django.urls import path

from apps.profiles import api, api_aliases, api_preferences

api_urls = [
    path("customers", api.CustomersView.as_view()),
    path("customers/<str:customer_id>", api.CustomerView.as_view()),
    path("customers/<str:customer_id>/contact-code", api.ContactCodeView.as_view()),
    path("customers/<str:customer_id>/verify", api.ContactVerificationView.as_view()),
    path("customers/<str:customer_id>/suspend", api.SuspensionView.as_view()),
    path("customers/<str:customer_id>/reinstate", api.ReinstatementView.as_view()),
    path("customers/<str:customer_id>/unenrol", api.UnenrolmentView.as_view()),
    path("customers/<str:customer_id>/products", api.ProductsView.as_view()),
    path("customers/<str:customer_id>/products/<str:product>", api.ProductView.as_view()),
    path("customers/<str:customer_id>/preferences", api_preferences.PreferencesView.as_view()),
    path("customers/<str:customer_id>/aliases", api_aliases.AliasesView.as_view()),
    path("customers/<str:customer_id>/aliases/<str:alias_id>", api_aliases.AliasView.as_view()),
    path("aliases/<str:alias_id>/verify", api_aliases.AliasVerificationView.as_view()),
]
