"""Django's settings for tests: the site's own in a sandbox without a stack; fixtures put real servers in its place."""

import os
import tempfile
from unittest import mock

_ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("DPMS_")}
_ENVIRONMENT["DPMS_DIR"] = f"{tempfile.gettempdir()}/dpms-tests-have-no-stack"
_ENVIRONMENT["DPMS_SECRET_KEY"] = "only-for-tests-" * 5

# Only while the settings are read: what tests start as processes of their own keeps the real environment.
with mock.patch.dict(os.environ, _ENVIRONMENT, clear=True):
    from dpms_site.settings import *  # noqa: F403

PASSWORD_HASHERS = ["tests.support.hashing.QuickScrypt"]
