"""Messages as XML and back, by the dataclasses of pyiso20022; what is read was sent by somebody else.

Reading refuses document types and entities before anything is parsed, then whatever breaks the schema: unknown,
missing, misplaced or repeated elements, wrong codes, lengths, patterns, digits. It asks no network and opens no file.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml import etree
from xsdata.exceptions import ConverterError, ParserError
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.parsers import DictDecoder, XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.serializers import DictEncoder, XmlSerializer

from apps.rails.domain import messages
from apps.rails.domain.messages import Message
from apps.rails.iso20022 import camt, pacs, pain, schema
from apps.rails.iso20022.parser import harmless_parser
from apps.rails.iso20022.pieces import Tree
from apps.rails.iso20022.refused import RefusedXml

# Ours have 1-2 kB; a message of one payment with all that its schema allows stays below.
BYTES_MAX = 128 * 1024

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
# What the library learned of the classes; learning it anew for every message takes 40 ms instead of 2.
_CONTEXT = XmlContext()
_STRICT = ParserConfig(
    fail_on_unknown_properties=True,
    fail_on_unknown_attributes=True,
    fail_on_converter_warnings=True,
)


@dataclass(frozen=True)
class _Kind:
    """A message in the version that is spoken here."""

    value: type[Any]
    name: str
    write: Callable[[Any], Tree]
    read: Callable[[Tree], Message]


_KINDS = (
    _Kind(messages.CreditTransfer, "pacs.008.001.08", pacs.write_credit_transfer, pacs.read_credit_transfer),
    _Kind(messages.StatusReport, "pacs.002.001.10", pacs.write_status_report, pacs.read_status_report),
    _Kind(messages.PaymentReturn, "pacs.004.001.10", pacs.write_return, pacs.read_return),
    _Kind(messages.StatusRequest, "pacs.028.001.03", pacs.write_status_request, pacs.read_status_request),
    _Kind(messages.RecallRequest, "camt.056.001.08", camt.write_recall, camt.read_recall),
    _Kind(messages.RecallAnswer, "camt.029.001.09", camt.write_recall_answer, camt.read_recall_answer),
    _Kind(messages.CancellationRequest, "camt.055.001.09", camt.write_cancellation, camt.read_cancellation),
    _Kind(messages.PaymentRequest, "pain.013.001.07", pain.write_request, pain.read_request),
    _Kind(messages.PaymentRequestAnswer, "pain.014.001.07", pain.write_request_answer, pain.read_request_answer),
)  # fmt: skip
_BY_VALUE = {kind.value: kind for kind in _KINDS}
_BY_NAME = {kind.name: kind for kind in _KINDS}


def full_name(message: Message) -> str:
    """Type and version as messages name each other: "pacs.008.001.08"."""
    return _BY_VALUE[type(message)].name


def original_of(message: messages.CreditTransfer | messages.PaymentRequest) -> messages.Original:
    """How a later message names this one."""
    return messages.Original(
        message_id=message.message_id,
        message_type=full_name(message),
        end_to_end_id=message.end_to_end_id,
        uetr=message.uetr,
    )


def to_xml(message: Message) -> str:
    """The message as XML. Raises RefusedXml when its own words break its schema (a name of 200 characters)."""
    kind = _BY_VALUE[type(message)]
    try:
        document = DictDecoder(context=_CONTEXT).decode(
            kind.write(message), _document_class(kind.name)
        )
    except (ParserError, ConverterError) as error:
        raise RefusedXml("schema_invalid", f"{kind.name} cannot be written.") from error
    schema.check(document)
    return _rendered(document, kind.name)


def from_xml(content: bytes) -> Message:
    """The message that somebody sent. Raises RefusedXml."""
    root = _parsed(content)
    namespace, _, name = root.tag.rpartition("}")
    kind = _BY_NAME.get(namespace.removeprefix("{" + _NAMESPACE))
    if kind is None or name != "Document":
        raise RefusedXml("unknown_message", f"Send a Document of {', '.join(_BY_NAME)}.")
    sent = _tags(root)  # first, because binding takes the tree apart
    document = _bound(root, kind.name)
    schema.check(document)
    if sent != _tags(_parsed(_rendered(document, kind.name).encode())):
        raise RefusedXml("schema_invalid", "Its elements do not stand in the order of its schema.")
    return kind.read(DictEncoder(context=_CONTEXT, dict_factory=_without_gaps).encode(document))


def _parsed(content: bytes) -> Any:
    if len(content) > BYTES_MAX:
        raise RefusedXml("too_large", f"A message has at most {BYTES_MAX} bytes.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedXml("not_utf8", "Write it in UTF-8.") from error
    # Before the parser sees it: what is never declared can't be expanded, fetched or counted.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise RefusedXml("dtd_forbidden", "Leave out document types and entities.")
    try:
        return etree.fromstring(text.encode(), harmless_parser())
    except etree.XMLSyntaxError as error:
        where = f"line {error.lineno}, column {error.offset}"
        raise RefusedXml("not_well_formed", f"It ends or breaks at {where}.") from error


def _bound(root: Any, name: str) -> Any:
    try:
        parser = XmlParser(config=_STRICT, context=_CONTEXT)
        return parser.parse(root.getroottree(), _document_class(name))
    except (ParserError, ConverterError, ValueError, TypeError, ArithmeticError) as error:
        # The library's message may repeat what stood there.
        detail = f"It is no {name}: {type(error).__name__}."
        raise RefusedXml("schema_invalid", detail) from error


@lru_cache(maxsize=16)
def _document_class(name: str) -> type[Any]:
    """Imported at first use: each message has some hundred classes of its own."""
    family, _, _ = name.partition(".")
    module = importlib.import_module(f"pyiso20022.{family}.{name.replace('.', '_')}")
    found: type[Any] = module.Document
    return found


def _rendered(document: Any, name: str) -> str:
    serializer = XmlSerializer(context=_CONTEXT)
    return serializer.render(document, ns_map={None: f"{_NAMESPACE}{name}"})


def _tags(root: Any) -> list[str]:
    """Names of all elements as they stand; text between elements counts as one, because no schema here allows it."""
    found = []
    for element in root.iter():
        found.append(str(element.tag))
        between = [element.text if len(element) else None, element.tail]
        found += ["#text" for text in between if text and text.strip()]
    return found


def _without_gaps(pairs: list[tuple[str, Any]]) -> Tree:
    return {name: value for name, value in pairs if value is not None and value != []}
