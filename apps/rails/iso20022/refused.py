"""Why XML was not taken as a message: a stable code for machines and dead letters, and what was wrong."""

from dataclasses import dataclass

CODES = {
    "too_large": "It has more bytes than a message may have.",
    "not_utf8": "It is not text in UTF-8.",
    "dtd_forbidden": "It declares a document type or an entity: no ISO 20022 message does.",
    "not_well_formed": "It is not well-formed XML.",
    "unknown_message": "Its root is no message of a version that is spoken here.",
    "schema_invalid": "It breaks the schema of its message.",
    "not_supported": "The schema allows it and the platform does not: several payments in one message, a missing bank.",
    "amount_invalid": "Its amount has no whole number of minor units, or a currency that is not offered.",
}


@dataclass
class RefusedXml(Exception):
    """`code` is one of CODES; `detail` names the place and never repeats what stood there."""

    code: str
    detail: str

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"
