"""Citations: what Anthropic's dialect and Bedrock's say of them, as OpenAI's annotations, and back.

Pages are known to all. Documents are cited by Anthropic with the words and their place, by OpenAI with a name alone:
what OpenAI has no field for goes along beside its own fields, under Anthropic's names, so that nothing is lost.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import msgspec

Json = dict[str, object]

PAGE, DOCUMENT = "url_citation", "file_citation"
UNKNOWN = "the upstream cites no documents"
SCHEMES = ("http://", "https://")
_OBJECT = msgspec.json.Decoder(Json)

PLACES: Mapping[str, str] = MappingProxyType(
    {
        "search_result_index": "search_result_location",
        "start_char_index": "char_location",
        "start_page_number": "page_location",
        "start_block_index": "content_block_location",
    }
)
"""Kinds of places by the field that no other before it has."""


def annotations_of(citations: Iterable[msgspec.Raw | Json], *, length: int) -> tuple[msgspec.Raw, ...]:
    """Return Anthropic's citations of a text of so many characters as annotations of OpenAI's responses."""
    found = (citation if isinstance(citation, dict) else _OBJECT.decode(citation) for citation in citations)
    return tuple(msgspec.Raw(msgspec.json.encode(_annotation(citation, length))) for citation in found)


def _annotation(citation: Json, length: int) -> Json:
    source = citation.get("url") or citation.get("source")
    rest = {name: value for name, value in citation.items() if name not in {"type", "url", "title", "document_title"}}
    title = citation.get("title") or citation.get("document_title") or ""
    if "url" in citation or (isinstance(source, str) and source.startswith(SCHEMES)):
        return {"type": PAGE, "url": source or "", "title": title, "start_index": 0, "end_index": length, **rest}
    file = rest.pop("file_id", None) or ""
    return {"type": DOCUMENT, "file_id": file, "filename": title or source or "", "index": length, **rest}


def citations_of(annotations: Iterable[msgspec.Raw]) -> list[Json]:
    """Return annotations as Anthropic's citations; files that a vendor keeps itself have no place among them."""
    found = (_citation(_OBJECT.decode(annotation)) for annotation in annotations)
    return [citation for citation in found if citation is not None]


def _citation(annotation: Json) -> Json | None:
    kind = next((kind for field, kind in PLACES.items() if field in annotation), None)
    title = annotation.get("title") or annotation.get("filename") or None
    if kind is None and annotation.get("type") != PAGE:
        return None
    cited: Json = {"cited_text": annotation.get("cited_text", "")}
    if kind is None:
        index = annotation.get("encrypted_index", "")
        return {"type": "web_search_result_location", "url": annotation.get("url", ""), "title": title, **cited} | {
            "encrypted_index": index
        }
    place = {name: value for name, value in annotation.items() if name.startswith(("start_", "end_"))}
    if kind == "search_result_location":
        place = {name: value for name, value in place.items() if "block" in name}
        source = annotation.get("source", "")
        index = annotation["search_result_index"]
        return {"type": kind, "source": source, "title": title, "search_result_index": index, **cited, **place}
    about = {"document_index": annotation.get("document_index", 0), "document_title": title}
    return {"type": kind, **about, "file_id": annotation.get("file_id") or None, **cited, **place}
