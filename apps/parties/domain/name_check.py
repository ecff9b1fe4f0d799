"""Does the name the sender wrote fit the owner of the alias? An answer for the sender's eyes, not a decision."""

import re
import unicodedata
from difflib import SequenceMatcher
from enum import StrEnum

# Above it fall one or two typing errors in a name of usual length ("Jon Smith" - "John Smith": 0.95).
_CLOSE_RATIO = 0.85


class NameCheck(StrEnum):
    MATCH = "MATCH"
    CLOSE_MATCH = "CLOSE_MATCH"
    NO_MATCH = "NO_MATCH"
    UNAVAILABLE = "UNAVAILABLE"


def name_check(written: str, owner: str | None) -> NameCheck:
    """UNAVAILABLE when nobody here owns the alias."""
    if owner is None:
        return NameCheck.UNAVAILABLE
    ours, theirs = _words(written), _words(owner)
    if not ours or not theirs:
        return NameCheck.NO_MATCH
    if ours == theirs:
        return NameCheck.MATCH
    if _is_close(ours, theirs):
        return NameCheck.CLOSE_MATCH
    return NameCheck.NO_MATCH


def name_key(name: str) -> str:
    """Equal for names that differ in case, accents, punctuation or the order of their words only."""
    return " ".join(sorted(_words(name)))


def _words(name: str) -> list[str]:
    """Lower case without accents and punctuation: "Zoë O'Neil" is zoe, oneil."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[^\w\s-]", "", letters).replace("-", " ").split()


def _is_close(ours: list[str], theirs: list[str]) -> bool:
    if sorted(ours) == sorted(theirs):
        return True  # another order
    shorter, longer = sorted((ours, theirs), key=len)
    if len(shorter) >= 2 and set(shorter) <= set(longer):
        return True  # a middle name left out
    if (
        ours[-1] == theirs[-1]
        and ours[0][0] == theirs[0][0]
        and 1 in (len(ours[0]), len(theirs[0]))
    ):
        return True  # an initial for the first name
    return SequenceMatcher(None, " ".join(ours), " ".join(theirs)).ratio() >= _CLOSE_RATIO
