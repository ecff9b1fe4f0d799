"""Libraries that only cost time at the start are not there for it, and there again afterwards."""

import importlib
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from dpms_site.optional import leave_out_geography, left_out


def test_what_is_left_out_is_as_if_it_were_not_installed_for_so_long() -> None:
    sys.modules.pop("wave", None)

    with left_out("wave"), pytest.raises(ImportError, match="wave is left out"):
        importlib.import_module("wave")

    assert importlib.import_module("wave").__name__ == "wave"


def test_the_geographic_library_is_missing_as_django_says_it() -> None:
    finders = len(sys.meta_path)

    leave_out_geography()

    assert len(sys.meta_path) == finders, "the settings have done so already"
    with pytest.raises(ImproperlyConfigured, match="left out"):
        importlib.import_module("django.contrib.gis.gdal.libgdal")
