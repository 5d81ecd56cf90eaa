"""How an entry of LiteLLM's came over: what goes out by it here, part by part, held against what LiteLLM sent."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal
from urllib.parse import unquote

from tests.contracts.litellm_wire import Configuration, imported, kept
from tests.contracts.recording import Sent
from tulou.cli.litellm.notes import ImportNote

Outcome = Literal["right", "told", "refused", "wrong"]

ENTRY = "model_list[0]"
"""Each entry is imported alone."""

ALIKE = (
    ("/api/chat", "/v1/chat/completions"),
    ("/api/generate", "/v1/chat/completions"),
    ("/api/embed", "/v1/embeddings"),
    ("api.cohere.com/v2/chat", "api.cohere.com/compatibility/v1/chat/completions"),
    ("api.cohere.ai/v2/embed", "api.cohere.com/compatibility/v1/embeddings"),
    ("/invoke", "/converse"),
    ("api.deepseek.com/beta/", "api.deepseek.com/"),
)
"""Where LiteLLM speaks another dialect of the same server, at the same vendor, for the same model."""

NO_PROOF = ("", "authorization: Bearer fake-api-key", "authorization: Bearer None")
"""What LiteLLM sends where nobody gave it a key."""

_OPERATION = re.compile(r"(chat/)?completions$|embeddings$|messages$|responses$|rerank$|moderations$")
"""What is asked of a model; what a note about a model or its mode speaks of."""

PLACES = ("host", "path")
EXCUSES: Mapping[str, tuple[str, ...]] = {
    "model": ("operation",),
    "mode": ("operation",),
    "api_base": PLACES,
    "base_url": PLACES,
    "aws_region_name": PLACES,
    "vertex_location": PLACES,
    "vertex_project": ("path",),
    "api_version": ("query",),
    "api_key": ("proof",),
    "aws_access_key_id": ("proof",),
    "vertex_credentials": ("proof",),
}
"""Which parts of a request a note about a setting speaks of; one about another setting speaks of that alone."""


def outcome(one: Configuration, number: int, entry: Mapping[str, Any], ours: Sent | None) -> Outcome:
    """Return how an entry came over; a note excuses a difference in the part that it speaks of, and in no other."""
    theirs = kept()[one.name][str(number)]
    notes = [note for note in imported(one, entry).notes if note.kind != "not_needed"]
    about = [note for note in notes if note.place.startswith((ENTRY, "upstreams."))]
    if not imported(one, entry).imported:
        return "refused" if any(note.kind == "left_out" for note in about) else "wrong"
    if ours is None or "url" not in theirs:
        return "wrong"
    different = set(differences(theirs, ours, entry["litellm_params"]))
    if different - set(excused(about)):
        return "wrong"
    return "told" if different or any(note.kind == "unsupported" for note in about) else "right"


def excused(notes: Iterable[ImportNote]) -> Iterator[str]:
    """Yield the parts of a request that notes speak of."""
    for note in notes:
        setting = "api_key" if note.place.startswith("upstreams.") else note.place.rpartition(".")[2]
        yield from EXCUSES.get(setting, (setting,))


def differences(theirs: Mapping[str, Any], ours: Sent, params: Mapping[str, Any]) -> Iterator[str]:
    """Yield the parts in which two requests differ; `params` are those of the entry, whose settings are compared."""
    if theirs["method"] != ours.method:
        yield "method"
    there, here = (unquote(url).replace("localhost", "127.0.0.1") for url in (theirs["url"], ours.url))
    if there != here:
        there = next((there.replace(old, new) for old, new in ALIKE if old in there), there)
    for part, one, other in zip(("host", "path", "operation", "query"), _split(there), _split(here), strict=True):
        if one != other:
            yield part
    if not _is_same_model(theirs["model"], there, ours.model, here):
        yield "model"
    if theirs["proof"] != ours.proof and not (theirs["proof"] in NO_PROOF and ours.proof in NO_PROOF):
        yield "proof"
    settings, others = theirs.get("settings", {}), ours.written().get("settings", {})
    names = {*params, *params.get("extra_body", {})}
    yield from (name for name in settings if name in names and settings[name] != others.get(name))


def _split(url: str) -> tuple[str, str, str, str]:
    place, _, query = url.replace("//", "/").partition("?")
    host, _, path = place.partition("/")
    operation = _OPERATION.search(path)
    return host, _OPERATION.sub("", path), operation[0] if operation else "", query


def _is_same_model(theirs: str, there: str, ours: str, here: str) -> bool:
    """Say whether both name one model; where a body names none, the address does."""
    if theirs and ours:
        return theirs == ours
    return theirs in here if theirs else ours in there
