"""Policies put together into one text, each part of it marked with the name of the policy that it came from."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from tulou.contracts.governance.messages import Policy
from tulou.rules.rights.cedar import from_json, to_json
from tulou.rules.rights.gaze import context_in
from tulou.services.governance.language.schema import INFERENCE_ACTION

Json = dict[str, Any]

_GROUP = INFERENCE_ACTION.rpartition(":")[2]


def composed(policies: Iterable[Policy]) -> str:
    """Return one text of all that is enabled; `@id` says whose each part is, `night` or `night:own-id`."""
    parts: Json = {}
    for policy in policies:
        if policy.enabled:
            for number, statement in enumerate(_statements(policy)):
                parts[f"{policy.name}#{number}"] = _marked(statement, policy.name)
    if not parts:
        return ""
    return from_json(msgspec.json.encode({"staticPolicies": parts, "templates": {}, "templateLinks": []}).decode())


def for_inference(policies: Iterable[Policy]) -> list[Policy]:
    """Return the enabled policies that can change a decision about the use of a model."""
    return [policy for policy in policies if policy.enabled and any(map(_concerns, _statements(policy)))]


def contextual(policies: Iterable[Policy]) -> bool:
    """Say whether one of these policies looks at more than who asks for which model."""
    return any(any(context_in(statement)) for policy in policies for statement in _statements(policy))


def _statements(policy: Policy) -> Iterator[Json]:
    whole: Json = msgspec.json.decode(to_json(policy.text))
    parts: Mapping[str, Json] = whole["staticPolicies"]
    # Cedar names them policy0, policy1, ... in the order of the text, and hands them over in any
    yield from (parts[name] for name in sorted(parts, key=lambda name: int(name.removeprefix("policy"))))


def _marked(statement: Json, name: str) -> Json:
    notes: Json = statement.get("annotations") or {}
    own = notes.get("id")
    return {**statement, "annotations": {**notes, "id": f"{name}:{own}" if own else name}}


def _concerns(statement: Json) -> bool:
    scope: Json = statement["action"]
    if scope["op"] == "All":
        return True
    entities: list[Json] = scope.get("entities") or [scope["entity"]]
    return any(entity["id"] in {INFERENCE_ACTION, _GROUP} for entity in entities)
