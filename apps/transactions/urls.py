"""REST addresses of orders, commands and schedules."""

from django.urls import path

from apps.transactions import api
from apps.transactions.scheduling.api import SchedulesView, ScheduleView

api_urls = [
    path("orders", api.OrdersView.as_view()),
    path("orders/batch", api.OrderBatchView.as_view()),
    path("orders/<str:order_id>", api.OrderDetailView.as_view()),
    path("orders/<str:order_id>/events", api.OrderEventsView.as_view()),
    path("orders/<str:order_id>/commands", api.OrderCommandsView.as_view()),
    path("feed", api.FeedView.as_view()),
    path("customers/<str:customer_id>/schedules", SchedulesView.as_view()),
    path("customers/<str:customer_id>/schedules/<str:schedule_id>", ScheduleView.as_view()),
    path("commands/<str:command_id>", api.CommandView.as_view()),
]
