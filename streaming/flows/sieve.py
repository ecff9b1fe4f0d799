"""Which records a flow need not see: told by words in their text, in the JVM, before anything reaches Python.

Only what is surely of no interest is held back; of a record that can't be decoded nothing is known, so it passes.
"""

from dataclasses import dataclass

from streaming.contracts.topics import topic_of


@dataclass(frozen=True)
class Sieve:
    """Of one collection holds back records that have one of the words of `having`, or none of those of `lacking`.

    In a record documents are text, so their quotation marks are escaped; those that people wrote are escaped twice.
    """

    collection: str
    having: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()

    def holds_back(self, topic: str, value: bytes) -> bool:
        if topic != topic_of(self.collection):
            return False
        text = value.decode(errors="replace")
        has_one = any(word in text for word in self.having)
        return has_one or (bool(self.lacking) and not any(word in text for word in self.lacking))

    def passing(self) -> str:
        """The same in Flink's SQL, true of what passes; a value that is NULL says nothing and does not."""
        refused = [_has(word) for word in self.having]
        if self.lacking:
            refused.append(f"NOT ({' OR '.join(map(_has, self.lacking))})")
        of_others = f"`topic` <> '{topic_of(self.collection)}'"
        return f"`value` IS NOT NULL AND ({of_others} OR NOT ({' OR '.join(refused)}))"


def _has(word: str) -> str:
    quoted = word.replace("'", "''")
    return f"POSITION('{quoted}' IN DECODE(`value`, 'UTF-8')) > 0"
