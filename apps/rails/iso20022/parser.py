"""How XML from elsewhere is parsed: nothing is expanded, fetched or loaded, and nothing but elements is kept."""

from lxml import etree


def harmless_parser(*, remove_blank_text: bool = False) -> etree.XMLParser:
    """For text that declares no document type; it must be encoded as UTF-8, whatever its first line says."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_blank_text=remove_blank_text,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
