"""Models as they are told: in the shape that OpenAI's clients read, and in Anthropic's, which comes in pages."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tulou.kernel.errors import InvalidError
from tulou.services.gateway.snapshot.models import ListedModel

PAGE, LONGEST_PAGE = 20, 1000
Json = dict[str, Any]
Query = Mapping[str, list[str]]


def openai_list(models: Sequence[ListedModel]) -> Json:
    """Return all models, by name."""
    return {"object": "list", "data": [openai_model(model) for model in models]}


def openai_model(model: ListedModel) -> Json:
    """Return one model; what it does and how much it reads are fields of our own."""
    shown: Json = {
        "id": model.name,
        "object": "model",
        "created": int(model.created_at),
        "owned_by": model.owner,
        "endpoints": model.endpoints,
    }
    return shown | ({"context_length": model.context_length} if model.context_length else {})


def anthropic_page(models: Sequence[ListedModel], query: Query) -> Json:
    """Return a page, the newest models first; `has_more` is said of the direction in which the pages go.

    Raise `InvalidError` for a limit that is none, for an id that is not in the list, and for both ids at once.
    """
    ordered = sorted(models, key=lambda model: (-model.created_at, model.name))
    names, limit = [model.name for model in ordered], _limit(query)
    after, before = _place(names, query, "after_id"), _place(names, query, "before_id")
    if before is None:
        start = 0 if after is None else after + 1
        end = start + limit
        more = end < len(ordered)
    elif after is None:
        start, end = max(0, before - limit), before
        more = start > 0
    else:
        raise InvalidError("a page goes either after_id or before_id; leave one of them out", param="before_id")
    return {
        "data": [anthropic_model(model) for model in ordered[start:end]],
        "has_more": more,
        "first_id": next(iter(names[start:end]), None),
        "last_id": next(reversed(names[start:end]), None),
    }


def anthropic_model(model: ListedModel) -> Json:
    """Return one model; it has no other name than its own."""
    return {
        "type": "model",
        "id": model.name,
        "display_name": model.name,
        "created_at": datetime.fromtimestamp(model.created_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "lifecycle": "active",
        "max_input_tokens": model.context_length or None,
    }


def _place(names: Sequence[str], query: Query, name: str) -> int | None:
    """Return where the model stands that a field of the query names."""
    given = query.get(name, [""])[0]
    if not given:
        return None
    if given not in names:
        raise InvalidError(f"{name} names {given!r}, which is not among your models", param=name)
    return names.index(given)


def _limit(query: Query) -> int:
    given = query.get("limit", [str(PAGE)])[0]
    try:
        limit = int(given)
    except ValueError:
        limit = 0
    if not 1 <= limit <= LONGEST_PAGE:
        raise InvalidError(f"limit is {given!r}; it must be a whole number from 1 to {LONGEST_PAGE}", param="limit")
    return limit
