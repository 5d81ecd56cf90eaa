"""Cedar policies, parsed once, and asked as often as needed."""

from typing import Literal

from tulou.contracts.governance.messages import Decide, Resource, Subject
from tulou.kernel.message import message
from tulou.rules.rights.cedar import CedarAnswer, Entities, answer, parse_entities, parse_policies
from tulou.rules.rights.entities import context_of, entities_of, principal_of, resource_of, uid

Verdict = Literal["permit", "forbid", "silent", "failed"]


@message
class PolicyRuling:
    """What policies say: permitted, forbidden, nothing, or that one of them could not be evaluated (`why` tells)."""

    verdict: Verdict
    policies: tuple[str, ...] = ()
    why: str = ""


class PolicyEvaluator:
    """A set of policies; raise `ValueError` for text that Cedar does not take.

    Texts and entities cost more to parse than to evaluate, so both are kept: the policies here, entities by whoever
    asks often (docs/howto/policies.md has the figures).
    """

    def __init__(self, text: str) -> None:
        self._policies = parse_policies(text)

    def rule(self, ask: Decide, entities: Entities | None = None) -> PolicyRuling:
        """Decide one question; `entities` are those of its subject, action and resource, if somebody has them ready."""
        try:
            known = entities or ready(ask.subject, ask.action, ask.resource)
        except ValueError as error:
            return PolicyRuling(verdict="failed", why=str(error))
        question = {
            "principal": principal_of(ask.subject),
            "action": uid("Action", ask.action),
            "resource": resource_of(ask.resource),
            "context": context_of(ask.context),
        }
        return _ruling(answer(question, self._policies, known))


def ready(subject: Subject, action: str, resource: Resource) -> Entities:
    """Return the entities of a question, parsed; raise `ValueError` where Cedar refuses a name or a value."""
    return parse_entities(entities_of(subject, action, resource))


def _ruling(said: CedarAnswer) -> PolicyRuling:
    # Cedar passes over a policy that it cannot evaluate; were that one that forbids, everybody would be let through
    if said.errors:
        return PolicyRuling(verdict="failed", policies=said.policies, why="; ".join(said.errors[:3]))
    if said.allowed:
        return PolicyRuling(verdict="permit", policies=said.policies)
    return PolicyRuling(verdict="forbid" if said.policies else "silent", policies=said.policies)
