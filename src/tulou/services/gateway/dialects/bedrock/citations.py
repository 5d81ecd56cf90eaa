"""Citations in this dialect's words, as Anthropic's dialect says them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from tulou.services.gateway.dialects.bedrock.shapes import Citation
from tulou.services.gateway.dialects.citations import annotations_of

Json = dict[str, object]

KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "documentChar": ("start_char_index", "end_char_index"),
        "documentPage": ("start_page_number", "end_page_number"),
        "documentChunk": ("start_block_index", "end_block_index"),
        "searchResultLocation": ("start_block_index", "end_block_index"),
    }
)


def annotations(cited: Sequence[Citation], *, length: int) -> tuple[msgspec.Raw, ...]:
    """Return the citations of a text of so many characters as events hold them."""
    return annotations_of([_located(citation) for citation in cited], length=length)


def _located(citation: Citation) -> Json:
    words = "".join(piece.text for piece in citation.source_content or ())
    located: Json = {"title": citation.title or "", "cited_text": words}
    if citation.source:
        located["source"] = citation.source
    for kind, span in (citation.location or {}).items():
        if kind == "web":
            located["url"] = span.url
        elif kind in KINDS:
            start, end = KINDS[kind]
            index = "search_result_index" if kind == "searchResultLocation" else "document_index"
            at = span.search_result_index if kind == "searchResultLocation" else span.document_index
            located |= {index: at, start: span.start, end: span.end}
    return located
