"""The console's one websocket address."""

from django.urls import path

from apps.console.live import LiveSocket

websocket_urlpatterns = [path("ws/console/", LiveSocket.as_asgi())]
