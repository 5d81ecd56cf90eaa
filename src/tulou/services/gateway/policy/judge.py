"""Decides whether a grant may use a model: by its roles in half a microsecond, by policies where there are any.

A set that looks only at who asks for which model is asked once for each grant and model, and its rulings are kept. One
that looks at the hour, the address or the size of a request is asked each time; then only the entities are kept. Both
are kept for grants as objects: another snapshot brings new ones, with perhaps other roles.
"""

from collections.abc import Mapping

from tulou.chassis.rights.cedar import Entities
from tulou.chassis.rights.nouns import permits
from tulou.chassis.rights.statutes import Ruling, Statutes, ready
from tulou.contracts.governance.messages import Attribute, Decide, PolicySet, Resource, Subject
from tulou.contracts.routing.messages import Grant
from tulou.services.gateway.refusals import PolicyDeniedError

USE = "models:use"
KEPT = 4_096
"""Pairs of grant and model; an entry has about 2 KiB."""


class Known:
    """What is kept of a grant and a model."""

    __slots__ = ("entities", "grant", "ruling", "subject")

    def __init__(self, grant: Grant, model: str) -> None:
        self.grant = grant
        self.subject = subject_of(grant)
        self.entities: Entities | None = _ready(self.subject, model)
        self.ruling: Ruling | None = None


class Judge:
    """Roles and policies of one snapshot, made ready for requests; raise `ValueError` for policies that are none."""

    def __init__(self, policies: PolicySet) -> None:
        self._able = frozenset(role.name for role in policies.roles if permits(role, USE))
        self._statutes = Statutes(policies.text) if policies.text else None
        self._contextual = policies.contextual
        self._known: dict[tuple[int, str], Known] = {}

    @property
    def looks_at_requests(self) -> bool:
        """Whether decisions depend on more than grant and model, so that `check` needs to be told of the request."""
        return self._statutes is not None and self._contextual

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

    def _ruling(self, statutes: Statutes, grant: Grant, model: str, context: Mapping[str, Attribute]) -> Ruling:
        known = self._recall(grant, model)
        if known.ruling is not None:
            return known.ruling
        ask = Decide(subject=known.subject, action=USE, resource=_resource(known.subject, model), context=context)
        ruling = statutes.rule(ask, known.entities)
        if not self._contextual:
            known.ruling = ruling
        return ruling

    def _recall(self, grant: Grant, model: str) -> Known:
        """Return what is known of a pair, which is now the last to be forgotten."""
        place = (id(grant), model)
        known = self._known.pop(place, None)
        if known is None or known.grant is not grant:
            known = Known(grant, model)
            if len(self._known) >= KEPT:
                del self._known[next(iter(self._known))]
        self._known[place] = known
        return known


class Judges:
    """Keeps the judge of the policies in force, so that a new snapshot with the same ones costs nothing."""

    def __init__(self) -> None:
        self._policies = PolicySet()
        self._judge: Judge | None = None

    def of(self, policies: PolicySet) -> Judge | None:
        """Return the judge of a set; None for an empty one, as snapshots have it that know of no roles yet."""
        if policies != self._policies:
            self._judge = Judge(policies) if policies.roles or policies.text else None
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


def _ready(subject: Subject, model: str) -> Entities | None:
    try:
        return ready(subject, USE, _resource(subject, model))
    except ValueError:
        return None  # the ruling will say what is wrong with them


def _no_role(grant: Grant, model: str) -> str:
    has = f"{grant.principal} has {', '.join(grant.roles)}" if grant.roles else f"{grant.principal} has no role"
    return f"no role permits this key's principal to use {model!r}: {has}; ask for a role with {USE}, as developer is"


def _why(ruling: Ruling, grant: Grant, model: str) -> str:
    match ruling.verdict:
        case "silent":
            return _no_role(grant, model)
        case "failed":
            return (
                f"a policy about {model!r} could not be evaluated, and what cannot be evaluated is denied: {ruling.why}"
            )
        case _:
            return f"the policy {', '.join(ruling.policies)} forbids this key to use {model!r} like this"
