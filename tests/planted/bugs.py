"""All bugs that can be planted, by name."""

from tests.planted import money, site, streams
from tests.planted.ground import BUGS

__all__ = ["BUGS", "money", "site", "streams"]
