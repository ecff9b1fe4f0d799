"""The site's addresses and one more, whose view fails as a defect does."""

from typing import NoReturn

from django.http import HttpRequest
from django.urls import path

from dpms_site import urls
from dpms_site.urls import handler400, handler404, handler500  # noqa: F401


def fail(_request: HttpRequest) -> NoReturn:
    raise RuntimeError("secret insides")


urlpatterns = [*urls.urlpatterns, path("api/defect", fail)]
