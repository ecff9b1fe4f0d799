"""The console's addresses, below /console/."""

from django.urls import path

from apps.console import refill, session_pages, signing_in, views

app_name = "console"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("part", views.overview_part, name="overview-part"),
    path("login/", signing_in.sign_in, name="login"),
    path("login/code", signing_in.give_code, name="login-code"),
    path("logout/", signing_in.sign_out, name="logout"),
    path("second-step", signing_in.enrol, name="second-step"),
    path("live", views.live, name="live"),
    path("feed", refill.refill, name="feed"),
    path("orders", views.orders, name="orders"),
    path("orders/<str:order_id>", views.order, name="order"),
    path("orders/<str:order_id>/part", views.order_part, name="order-part"),
    path("dead-letters", views.dead_letters, name="dead-letters"),
    path("sessions", session_pages.sessions, name="sessions"),
    path("sessions/end-others", session_pages.end_other_sessions, name="end-other-sessions"),
    path("sessions/<str:handle>/end", session_pages.end_session, name="end-session"),
    path("access-log", session_pages.access_log, name="access-log"),
    path("appearance", views.change_appearance, name="appearance"),
]
