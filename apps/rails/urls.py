"""REST addresses of network messages, and of the far side that sandboxes play; of the domain transactions."""

from django.urls import path

from apps.rails import sandbox_api
from apps.rails.api import OrderMessagesView

_FAR_SIDE = "sandbox/networks/<str:network>"
api_urls = [
    path("orders/<str:order_id>/messages", OrderMessagesView.as_view()),
    path(f"{_FAR_SIDE}/payments", sandbox_api.InjectedPaymentsView.as_view()),
    path(f"{_FAR_SIDE}/requests", sandbox_api.InjectedRequestsView.as_view()),
    path(
        f"{_FAR_SIDE}/requests/<str:end_to_end_id>/answers",
        sandbox_api.InjectedAnswersView.as_view(),
    ),
    path(
        f"{_FAR_SIDE}/requests/<str:end_to_end_id>/cancellations",
        sandbox_api.InjectedCancellationsView.as_view(),
    ),
    path(f"{_FAR_SIDE}/recalls", sandbox_api.InjectedRecallsView.as_view()),
    path(f"{_FAR_SIDE}/clock/advance", sandbox_api.NetworkClockAdvanceView.as_view()),
]
