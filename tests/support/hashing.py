"""Password hashes that are of the site's kind and cost nothing: being slow is all that makes its own ones good."""

# The stubs lack it.
from django.contrib.auth.hashers import ScryptPasswordHasher  # type: ignore[attr-defined]


class QuickScrypt(ScryptPasswordHasher):
    """A hundredth of a millisecond in place of a tenth of a second, at each sign-in of each test."""

    work_factor = 2
