"""Fallbacks, aliases, attempts and deadlines: LiteLLM has them for the whole proxy, here each model has a route."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from tulou.cli.litellm.entries import ImportedModels
from tulou.cli.litellm.fallbacks import Fallbacks
from tulou.cli.litellm.groups import GroupPart, ModelGroups
from tulou.cli.litellm.notes import ImportNotes
from tulou.cli.litellm.request_settings import deadlines_of
from tulou.cli.litellm.section import Section, Written, first_given, shown

ATTEMPTS_CAP = 10
SHUFFLE = "simple-shuffle"
STRATEGIES = {SHUFFLE: "", "least-busy": "least_connections"}
LIMITING = ("usage-based-routing", "usage-based-routing-v2")
LIMITING_CHECK = "enforce_model_rate_limits"
NEAREST = "power_of_two"


@dataclass(frozen=True)
class RoutingDefaults:
    """What LiteLLM says once for all models; `common` as a route has it."""

    common: Mapping[str, Any]
    strategy: str
    enforced: bool
    aliases: Mapping[str, str]
    fallbacks: Mapping[str, Sequence[str]]


def read_routing(models: ImportedModels, router: Section, litellm: Section) -> RoutingDefaults:
    """Return what holds for all models; what has no counterpart is left in the sections."""
    strategy = _strategy(router)
    checks = [str(one) for one in router.several("optional_pre_call_checks")]
    for check in checks:
        if check != LIMITING_CHECK:
            router.note("optional_pre_call_checks", f"{shown(check)} is not known here, and was left out")
    aliases = dict(_aliases(router, models))
    return RoutingDefaults(
        common=_common(router, litellm, strategy),
        strategy=strategy,
        enforced=strategy in LIMITING or LIMITING_CHECK in checks,
        aliases=aliases,
        fallbacks=Fallbacks(models, aliases).read([litellm, router]),
    )


def routes(groups: ModelGroups, routing: RoutingDefaults, notes: ImportNotes) -> list[Written]:
    """Return a route for each model that needs one."""
    made: list[Written] = []
    for group, parts in groups.parts.items():
        common = {**routing.common, **_own(parts, notes)}
        route = _route(group, parts, common, routing.fallbacks.get(group, ()))
        if route is not None:
            made.append(route)
        made += [_later(part, common) for part in parts[1:] if common or part.weighted]
    named = {route["model"]: route for route in made}
    for name, group in routing.aliases.items():
        route = named.get(group) or {"shares": [{"deployment": groups.parts[group][0].name}]}
        made.append({**route, "model": name})
    return made


def _common(router: Section, litellm: Section, strategy: str) -> dict[str, Any]:
    retries = first_given(_count(router, "num_retries"), _count(litellm, "num_retries"))
    common = _attempts(retries)
    routed, requested = router.number("timeout"), litellm.number("request_timeout")
    timeout = first_given(routed, requested)
    if timeout:
        common["deadlines"] = deadlines_of(timeout)
        section, name = (router, "timeout") if routed else (litellm, "request_timeout")
        section.note(name, _STREAMS, kind="differs")
    allowed = first_given(_count(router, "allowed_fails"), _count(litellm, "allowed_fails"))
    cooldown = first_given(router.number("cooldown_time"), litellm.number("cooldown_time"))
    breaker = {"failures": None if allowed is None else max(1, int(allowed)), "open_s": cooldown}
    if any(breaker.values()):
        common["breaker"] = {name: value for name, value in breaker.items() if value}
    if STRATEGIES.get(strategy):
        common["balance"] = STRATEGIES[strategy]
    return common


_STREAMS = "ends a stream here as well, when it is that old; in LiteLLM it bounds each wait within a stream"


def _count(section: Section, name: str) -> float | None:
    return section.number(name, least=-1.0)


def _attempts(retries: float | None) -> dict[str, Any]:
    return {} if retries is None else {"retry": {"attempts": max(1, min(int(retries) + 1, ATTEMPTS_CAP))}}


def _strategy(router: Section) -> str:
    strategy = router.text("routing_strategy") or SHUFFLE
    if strategy not in STRATEGIES:
        words = f"{strategy!r} is not known here; the less busy of two is taken ({NEAREST})"
        router.note("routing_strategy", words, kind="differs")
    return strategy


def _own(parts: Sequence[GroupPart], notes: ImportNotes) -> dict[str, Any]:
    """Return attempts that the entries of a group say themselves: a route has one number of them, the greatest."""
    entries = [entry for part in parts for entry in part.entries]
    given = {entry.retries for entry in entries}
    if len(given) > 1:
        words = f"the entries of {entries[0].group!r} have different retries: a model has one number, the greatest"
        notes.add(entries[0].place, words, kind="differs")
    return _attempts(max((number for number in given if number is not None), default=None))


def _route(
    group: str, parts: Sequence[GroupPart], common: Mapping[str, Any], fallbacks: Sequence[str]
) -> Written | None:
    """Return the route of a group; None where the one that each deployment has by itself will do."""
    later = [part.model for part in parts[1:]]
    if parts[0].name == group and not (common or fallbacks or later or parts[0].weighted):
        return None
    route: Written = {"model": group, "shares": [{"deployment": parts[0].name}]}
    if later or fallbacks:
        route["fallbacks"] = [*later, *fallbacks]
    return {**route, **common, **_balance(parts[0])}


def _later(part: GroupPart, common: Mapping[str, Any]) -> Written:
    return {"model": part.model, "shares": [{"deployment": part.name}], **common, **_balance(part)}


def _balance(part: GroupPart) -> Written:
    return {"balance": "weighted"} if part.weighted else {}


def _aliases(router: Section, models: ImportedModels) -> Iterator[tuple[str, str]]:
    for name, target in router.section("model_group_alias").take_all():
        table = cast("dict[str, object]", target) if isinstance(target, dict) else {"model": target}
        group = str(table.get("model"))
        if name in models.groups:
            words = f"{name!r} is a model of the list, too; the alias was left out"
            router.note("model_group_alias", words, kind="left_out")
        elif group in models.groups:
            yield name, group
            if table.get("hidden"):
                words = f"{name!r} is hidden in LiteLLM; here it is listed"
                router.note("model_group_alias", words, kind="differs")
        else:
            words = f"{name!r} leads to {group!r}, which is no model of the list; left out"
            router.note("model_group_alias", words, kind="left_out")
