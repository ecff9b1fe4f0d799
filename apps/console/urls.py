"""The console's addresses, below /console/."""

from django.urls import path

from apps.audit import views as audit_views
from apps.console import refill, views

app_name = "console"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("part", views.overview_part, name="overview-part"),
    path("login/", views.sign_in, name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("live", views.live, name="live"),
    path("feed", refill.refill, name="feed"),
    path("orders", views.orders, name="orders"),
    path("orders/<str:order_id>", views.order, name="order"),
    path("orders/<str:order_id>/part", views.order_part, name="order-part"),
    path("orders/<str:order_id>/audit", audit_views.order_audit, name="order-audit"),
    path("audit", audit_views.entries, name="audit"),
    path("dead-letters", views.dead_letters, name="dead-letters"),
    path("appearance", views.change_appearance, name="appearance"),
]
