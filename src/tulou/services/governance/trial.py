"""Decides cases with laws that need not be in force: in the house, or on the desk of whoever writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tulou.contracts.governance.messages import Attribute, Decide, Policy, PolicyCase, PolicyResult, PolicyResults
from tulou.kernel.errors import InvalidError
from tulou.rules.rights.entities import moment
from tulou.rules.rights.evaluator import PolicyEvaluator
from tulou.services.governance import domain
from tulou.services.governance.decision import AccessRules, decide
from tulou.services.governance.language import check_text, composed

CASES_CAP = 1_000

_INFERENCE: Mapping[str, Attribute] = {"endpoint": "chat", "stream": False, "batch": False}
"""What is assumed of a request for inference of which nothing else is said."""

_NOTHING: Mapping[str, Attribute] = {}


def check(policy: Policy) -> None:
    """Raise `InvalidError` with line and column for a policy that cannot be."""
    domain.check_policy(policy)
    check_text(policy.name, policy.text)
    try:
        PolicyEvaluator(composed([replace(policy, enabled=True)]))
    except (ValueError, RecursionError) as error:
        # what passed every check and yet cannot be put together must not bring down the rest
        why = f"it cannot be put together with others, as when some hundred parts hang together ({error})"
        raise InvalidError(f"the policy {policy.name}: {why}; say it in several", param="text") from error


def whole(ask: Decide, *, now: float) -> Decide:
    """Return a question with all that policies count on being known."""
    usual = _INFERENCE if ask.action == "models:use" else _NOTHING
    return replace(ask, context={**moment(now), **usual, **ask.context})


def tried(cases: Sequence[PolicyCase], laws: AccessRules, *, now: float) -> PolicyResults:
    """Decide cases, and say which are as expected."""
    if len(cases) > CASES_CAP:
        raise InvalidError(f"{len(cases)} cases; at most {CASES_CAP} at once", param="cases")
    return PolicyResults(items=tuple(_tried(case, laws, now) for case in cases))


def _tried(case: PolicyCase, laws: AccessRules, now: float) -> PolicyResult:
    decision = decide(whole(case.ask, now=now), laws)
    return PolicyResult(name=case.name, passed=decision.allowed == (case.expect == "allow"), decision=decision)
