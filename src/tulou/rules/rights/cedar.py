"""Cedar, with the types that its Python package leaves open."""

import importlib
from collections.abc import Mapping
from typing import Any, NewType

from tulou.kernel.message import message

_CEDAR: Any = importlib.import_module("cedarpy")  # half of its signatures have no types

Policies = NewType("Policies", object)
Entities = NewType("Entities", object)
Schema = NewType("Schema", object)


@message
class CedarAnswer:
    """What Cedar says: `policies` are those that decided, by their `@id`; `errors` of those that it passed over."""

    allowed: bool
    policies: tuple[str, ...]
    errors: tuple[str, ...] = ()


@message
class CedarFault:
    """What is wrong with a policy; `policy` is Cedar's name for it (`policy0` for the first)."""

    policy: str
    text: str


def parse_policies(text: str) -> Policies:
    """Return policies ready to be asked; raise `ValueError` for what is no policy."""
    return _CEDAR.PolicySet.from_str(text)


def parse_entities(text: str) -> Entities:
    """Return entities ready to be asked about; raise `ValueError` for a name or a value that Cedar refuses."""
    return _CEDAR.Entities.from_json_str(text)


def parse_schema(text: str) -> Schema:
    """Return a schema ready to check policies with."""
    return _CEDAR.Schema.from_str(text)


def answer(question: Mapping[str, object], policies: Policies, entities: Entities) -> CedarAnswer:
    """Evaluate policies; a question that cannot be asked is an answer with errors."""
    result = _CEDAR.is_authorized(question, policies, entities)
    told = result.diagnostics
    names = {told.id_annotations_by_reason.get(reason) or reason for reason in told.reasons}
    errors = tuple(str(error) for error in told.errors)
    return CedarAnswer(allowed=result.allowed, policies=tuple(sorted(names)), errors=errors)


def faults(text: str, schema: Schema) -> list[CedarFault]:
    """Return what a schema has against policies; none if they are good."""
    found = _CEDAR.validate_policies(text, schema)
    return [CedarFault(policy=error.policy_id, text=error.error) for error in found.errors]


def to_json(text: str) -> str:
    """Return policies in Cedar's JSON; raise `ValueError` for what is no policy."""
    return _CEDAR.policies_to_json_str(text)


def from_json(text: str) -> str:
    """Return the text of policies in Cedar's JSON."""
    return _CEDAR.policies_from_json_str(text)
