"""Says what is wrong with the text of a policy, where, and what was probably meant."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise

from tulou.kernel.errors import InvalidError
from tulou.rules.rights.cedar import CedarFault, Schema, faults, parse_policies, parse_schema
from tulou.services.governance.language.schema import ATTRIBUTES, known_names, schema_text
from tulou.services.governance.language.tokens import PolicyToken, place_of, statements_of, tokens_of

TEXT_CAP = 32 * 1024
TOKENS_CAP = 1_500
DEPTH_CAP = 40
"""Cedar reads what is nested by recursion; some thousand levels end the process, and these stay far below."""
ENDS_EARLY = "unexpected end of input"
_QUOTED = re.compile(r"[`']([^`']+)[`']|: (\w+)$")
_ABOUT = re.compile(r"^for policy `[^`]+`, ")
ADVICE = {
    "optional attribute": "; ask before, as in `context has tokens && context.tokens > 1000`",
    "access to tag": '; ask before, as in `principal.hasTag("team") && principal.getTag("team") == "red"`',
    "in context for Action": '; what only some requests have needs a scope such as `action == Action::"models:use"`',
}
_FOLLOWS = "unable to find an applicable action"
"""What Cedar adds to a name that it does not know: true, and no help."""


def check_text(name: str, text: str) -> None:
    """Raise `InvalidError` with line, column and the nearest name for a policy that Cedar or our schema refuses."""
    if len(text) > TEXT_CAP:
        raise InvalidError(f"the policy {name} has {len(text)} characters; at most {TEXT_CAP}: cut it", param="text")
    statements = statements_of(tokens_of(text))
    if not statements:
        raise InvalidError(f"the policy {name} is empty; it needs a `permit(...)` or a `forbid(...)`", param="text")
    for statement in statements:
        _check_size(name, text, statement)
        _check_syntax(name, text, statement)
    for fault in _relevant(faults(text, _schema())):
        _refuse(name, text, _token_meant(fault, statements), _said(fault))
    for statement in statements:
        _check_templates(name, text, statement)
        _check_presence(name, text, statement)


def _check_size(name: str, text: str, statement: Sequence[PolicyToken]) -> None:
    if len(statement) > TOKENS_CAP:
        _refuse(name, text, statement[TOKENS_CAP], f"this is longer than {TOKENS_CAP} words and signs; cut it in two")
    depth = 0
    for token in statement:
        depth += (token.text in "([{") - (token.text in ")]}")
        if depth > DEPTH_CAP:
            _refuse(name, text, token, f"more than {DEPTH_CAP} brackets are open here; say it in several policies")


def _check_syntax(name: str, text: str, statement: Sequence[PolicyToken]) -> None:
    whole = text[statement[0].start : statement[-1].end]
    try:
        parse_policies(whole)
    except ValueError as error:
        why = str(error)
        _refuse(name, text, _first_wrong(text, statement, why), why)


def _check_templates(name: str, text: str, statement: Sequence[PolicyToken]) -> None:
    for sign, word in pairwise(statement):
        if sign.text == "?" and word.text in {"principal", "resource"}:
            _refuse(name, text, sign, f"`?{word.text}` is a slot of a template, which nobody here fills")


def _check_presence(name: str, text: str, statement: Sequence[PolicyToken]) -> None:
    """Refuse `context has adress`: to Cedar that is merely never so, and its writer believes to be protected."""
    for whose, has, what in zip(statement, statement[1:], statement[2:], strict=False):
        known = ATTRIBUTES.get(whose.text)
        if has.text == "has" and known is not None and what.text.strip('"') not in known:
            _refuse(name, text, what, f"`{whose.text}` never has `{what.text}`")


def _first_wrong(text: str, statement: Sequence[PolicyToken], why: str) -> PolicyToken:
    """Return the token that a parser stumbles at: the shortest beginning that cannot be completed ends with it."""
    if why == ENDS_EARLY:
        return statement[-1]
    if named := _named(why, statement):
        return named
    low, high = 0, len(statement) - 1
    while low < high:
        middle = (low + high) // 2
        if _may_go_on(text[statement[0].start : statement[middle].end]):
            low = middle + 1
        else:
            high = middle
    return statement[low]


def _may_go_on(beginning: str) -> bool:
    try:
        parse_policies(beginning)
    except ValueError as error:
        return str(error) == ENDS_EARLY
    return True


def _token_meant(fault: CedarFault, statements: Sequence[Sequence[PolicyToken]]) -> PolicyToken:
    number = int(fault.policy.removeprefix("policy") or 0)
    statement = statements[min(number, len(statements) - 1)]
    return _named(fault.text, statement) or statement[0]


def _named(why: str, statement: Sequence[PolicyToken]) -> PolicyToken | None:
    """Return the first token that the words quote: `tenent` as it is, `Action::"model:use"` by its last part."""
    for quoted, last in _QUOTED.findall(_ABOUT.sub("", why)):
        wanted = (quoted or last).rpartition("::")[2]
        if found := next((token for token in statement if token.text == wanted), None):
            return found
    return None


def _relevant(found: Sequence[CedarFault]) -> Sequence[CedarFault]:
    return [fault for fault in found if _FOLLOWS not in fault.text] or found


def _said(fault: CedarFault) -> str:
    return _ABOUT.sub("", fault.text)


def _refuse(name: str, text: str, token: PolicyToken, why: str) -> None:
    line, column = place_of(text, token.start)
    advice = _nearest(token.text) or next((advice for part, advice in ADVICE.items() if part in why), "")
    raise InvalidError(f"the policy {name}, line {line}, column {column}: {why}{advice}", param="text")


def _nearest(word: str) -> str:
    near = get_close_matches(word.strip('"'), known_names(), n=1, cutoff=0.7)
    return f"; did you mean `{near[0]}`?" if near and near[0] != word.strip('"') else ""


@lru_cache(maxsize=1)
def _schema() -> Schema:
    return parse_schema(schema_text())
