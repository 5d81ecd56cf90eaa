"""Decides whether a grant may use a model: by its roles, and by policies where there are any.

Asking Cedar costs as much as all the rest of the gate, so its rulings are kept: by grant and model, and by those parts
of the context that the policies look at. Of policies about the hour, that is one ruling an hour. Entities are kept too,
for rulings that are new. Both belong to grants as objects: another snapshot brings new ones, with perhaps other roles.
"""

from collections.abc import Hashable, Mapping
from typing import TypeVar

from tulou.contracts.governance.messages import Attribute, Decide, PolicySet, Resource, Subject
from tulou.contracts.routing.messages import Grant
from tulou.rules.rights.cedar import Entities
from tulou.rules.rights.evaluator import PolicyEvaluator, PolicyRuling, ready
from tulou.rules.rights.gaze import WHOLE, compared_with, looked_at
from tulou.rules.rights.nouns import permits
from tulou.services.gateway.refusals import PolicyDeniedError

USE = "models:use"
KEPT = 4_096
"""Pairs of grant and model whose entities are kept, some 3 KiB each, and as many rulings."""
FLEETING = frozenset({"at", WHOLE})
"""What is another for each request: rulings about it are not worth keeping."""

Value = TypeVar("Value")


class PolicyDecider:
    """Roles and policies of one snapshot, made ready for requests; raise `ValueError` for policies that are none."""

    def __init__(self, policies: PolicySet) -> None:
        self._able = frozenset(role.name for role in policies.roles if permits(role, USE))
        self._statutes = PolicyEvaluator(policies.text) if policies.text else None
        self.looks_at = looked_at(policies.text) if policies.contextual else frozenset[str]()
        self.lengths = sorted(compared_with("tokens", policies.text)) if "tokens" in self.looks_at else []
        self._attributes = tuple(sorted(self.looks_at))
        self._keeps = not self.looks_at & FLEETING
        self._rulings: dict[Hashable, tuple[Grant, PolicyRuling]] = {}
        self._entities: dict[Hashable, tuple[Grant, Entities]] = {}

    def check(self, grant: Grant, model: str, context: Mapping[str, Attribute]) -> None:
        """Raise `PolicyDeniedError` unless a role or a policy permits the use and no policy forbids it."""
        able = not self._able.isdisjoint(grant.roles)
        if self._statutes is None:
            if not able:
                raise PolicyDeniedError(_no_role(grant, model), param="model")
            return
        ruling = self._ruling(self._statutes, grant, model, context)
        if ruling.verdict == "permit" or (ruling.verdict == "silent" and able):
            return
        raise PolicyDeniedError(_why(ruling, grant, model), param="model")

    def heeds(self, attribute: str) -> bool:
        """Say whether a part of what is known of a request can change a decision."""
        return attribute in self.looks_at or WHOLE in self.looks_at

    def _ruling(
        self, statutes: PolicyEvaluator, grant: Grant, model: str, context: Mapping[str, Attribute]
    ) -> PolicyRuling:
        place = (id(grant), model, *map(context.get, self._attributes))
        kept = self._rulings.get(place) if self._keeps else None
        if kept is not None and kept[0] is grant:
            return kept[1]
        subject = subject_of(grant)
        ask = Decide(subject=subject, action=USE, resource=_resource(subject, model), context=context)
        ruling = statutes.rule(ask, self._ready(grant, subject, model))
        if self._keeps:
            _keep(self._rulings, place, (grant, ruling))
        return ruling

    def _ready(self, grant: Grant, subject: Subject, model: str) -> Entities | None:
        place = (id(grant), model)
        kept = self._entities.get(place)
        if kept is not None and kept[0] is grant:
            return kept[1]
        try:
            entities = ready(subject, USE, _resource(subject, model))
        except ValueError:
            return None  # the ruling will say what is wrong with them
        _keep(self._entities, place, (grant, entities))
        return entities


def _keep(kept: dict[Hashable, Value], place: Hashable, value: Value) -> None:
    """Keep a value, in the place of the oldest one where there are enough: one that is in use comes back at once."""
    if len(kept) >= KEPT and place not in kept:
        del kept[next(iter(kept))]
    kept[place] = value


class PolicyDeciders:
    """Keeps the judge of the policies in force, so that a new snapshot with the same ones costs nothing."""

    def __init__(self) -> None:
        self._policies = PolicySet()
        self._judge: PolicyDecider | None = None

    def of(self, policies: PolicySet) -> PolicyDecider | None:
        """Return the judge of a set; None for an empty one, as snapshots have it that know of no roles yet."""
        if policies != self._policies:
            self._judge = PolicyDecider(policies) if policies.roles or policies.text else None
            self._policies = policies
        return self._judge


def subject_of(grant: Grant) -> Subject:
    """Return who asks, as policies know them."""
    return Subject(
        tenant=grant.tenant,
        principal=grant.principal,
        project=grant.project,
        kind=grant.kind,
        key=grant.key,
        roles=grant.roles,
        attributes=grant.attributes,
    )


def _resource(subject: Subject, model: str) -> Resource:
    return Resource(kind="model", name=model, tenant=subject.tenant)


def _no_role(grant: Grant, model: str) -> str:
    has = f"{grant.principal} has {', '.join(grant.roles)}" if grant.roles else f"{grant.principal} has no role"
    return f"no role permits this key's principal to use {model!r}: {has}; ask for a role with {USE}, as developer is"


def _why(ruling: PolicyRuling, grant: Grant, model: str) -> str:
    match ruling.verdict:
        case "silent":
            return _no_role(grant, model)
        case "failed":
            return (
                f"a policy about {model!r} could not be evaluated, and what cannot be evaluated is denied: {ruling.why}"
            )
        case _:
            return f"the policy {', '.join(ruling.policies)} forbids this key to use {model!r} like this"
