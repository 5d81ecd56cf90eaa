"""Fallbacks, aliases, attempts and deadlines: LiteLLM has them for the whole proxy, here each model has a route."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from tulou.cli.litellm.models import Models, parts_of, resource_name
from tulou.cli.litellm.notes import Notes, Section, Written

ATTEMPTS_CAP = 10
STRATEGIES = {"simple-shuffle": "", "least-busy": "least_connections"}
NEAREST = "power_of_two"

_LITELLM: Mapping[str, str] = {
    "context_window_fallbacks": "a request that is too long for its model is an error here, and no reason to fall back",
    "content_policy_fallbacks": "what a vendor refuses is told to the client here, and no reason to fall back",
    "drop_params": "what an upstream cannot take is always an error or a reported drop here",
    "cache": "answers are not cached here",
    "cache_params": "answers are not cached here",
    "callbacks": "see `[tracing]` and /metrics for what goes to other tools",
    "success_callback": "see `[tracing]` and /metrics for what goes to other tools",
    "failure_callback": "see `[tracing]` and /metrics for what goes to other tools",
    "set_verbose": "see [house] log_level",
    "json_logs": "logs are JSON here",
    "turn_off_message_logging": "prompts are never logged here",
    "max_budget": "set a limit with scope house, measure cost",
    "budget_duration": "set a limit with scope house, measure cost",
}
_ROUTER: Mapping[str, str] = {
    "context_window_fallbacks": _LITELLM["context_window_fallbacks"],
    "content_policy_fallbacks": _LITELLM["content_policy_fallbacks"],
    "redis_host": "limits over several hosts: see [ports] cache",
    "redis_port": "limits over several hosts: see [ports] cache",
    "redis_password": "limits over several hosts: see [ports] cache",
    "redis_url": "limits over several hosts: see [ports] cache",
    "enable_pre_call_checks": "limits are always checked before a call here",
    "routing_strategy_args": "balancing has no such settings here",
    "retry_after": "pauses between attempts grow by themselves here",
}


def routes(models: Models, config: Section) -> list[Written]:
    """Return a route for each model that needs one."""
    router, litellm = config.section("router_settings"), config.section("litellm_settings")
    common = _common(router, litellm)
    fallbacks = _fallbacks(models, [litellm, router])
    aliases = dict(_aliases(router, models))
    router.left_out(_ROUTER)
    litellm.left_out(_LITELLM)
    router.rest()
    litellm.rest()
    made = [
        route
        for group in models.groups
        if (route := _route(group, models, common, fallbacks.get(group, []))) is not None
    ]
    named = {route["model"]: route for route in made}
    others = [_alias(name, named.get(group) or _plain(group)) for name, group in aliases.items()]
    return [*made, *_ordered(models, common), *others]


def _common(router: Section, litellm: Section) -> dict[str, Any]:
    """Return what LiteLLM says once for all models."""
    common: dict[str, Any] = {}
    retries = router.take("num_retries", litellm.take("num_retries"))
    if isinstance(retries, int):
        common["retry"] = {"attempts": min(retries + 1, ATTEMPTS_CAP)}
    timeout = _first(router.number("timeout"), litellm.number("request_timeout"))
    if timeout:
        common["deadlines"] = {"total_s": timeout, "first_byte_s": min(timeout, 120.0)}
    allowed = _first(router.number("allowed_fails"), litellm.number("allowed_fails"))
    cooldown = router.number("cooldown_time")
    breaker = {"failures": int(allowed) if allowed else None, "open_s": cooldown}
    if any(breaker.values()):
        common["breaker"] = {name: value for name, value in breaker.items() if value}
    strategy = router.text("routing_strategy")
    if strategy and strategy not in STRATEGIES:
        router.note("routing_strategy", f"{strategy!r} is not known here; the less busy of two is taken ({NEAREST})")
    if STRATEGIES.get(strategy):
        common["balance"] = STRATEGIES[strategy]
    return common


def _first(*numbers: float | None) -> float | None:
    """Return the first that was given; each has been taken, so that none is told to be unknown."""
    return next((number for number in numbers if number), None)


def _fallbacks(models: Models, sections: list[Section]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    usual: list[str] = []
    for section in sections:
        for item, place in section.items("fallbacks"):
            for group, names in Section(item, place, section.notes).take_all():
                found.setdefault(group, []).extend(_known(models, group, names, place, section.notes))
        usual += [str(name) for name in section.several("default_fallbacks")]
    for group in models.groups:
        others = [name for name in usual if name != group and _task(models, name) == _task(models, group)]
        if others and group not in found and group not in usual:
            found[group] = others
    return _without_circles(found, sections[0].notes)


def _task(models: Models, group: str) -> str:
    """Return what a group is for; what no group is for stands for one that is not there."""
    return models.groups[group][0].task if group in models.groups else "?"


def _known(models: Models, group: str, names: object, place: str, notes: Notes) -> Iterator[str]:
    if group not in models.groups:
        notes.add(place, f"{group!r} is no model of the list; its fallbacks were left out")
        return
    given = cast("list[object]", names) if isinstance(names, list) else [names]
    for name in map(str, given):
        if name in models.groups:
            yield name
        else:
            notes.add(place, f"{name!r} is no model of the list; it was left out")


def _without_circles(fallbacks: Mapping[str, list[str]], notes: Notes) -> dict[str, list[str]]:
    """Return fallbacks without those that would lead back to where one came from."""
    kept: dict[str, list[str]] = {}
    for group, names in fallbacks.items():
        for name in dict.fromkeys(names):
            if group in _reached(name, kept):
                notes.add("fallbacks", f"{group!r} -> {name!r} closes a circle, which routes here cannot; left out")
            else:
                kept.setdefault(group, []).append(name)
    return kept


def _reached(start: str, fallbacks: Mapping[str, list[str]]) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        for name in fallbacks.get(waiting.pop(), []):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return seen


def _route(group: str, models: Models, common: Mapping[str, Any], fallbacks: list[str]) -> Written | None:
    """Return the route of a group; None where the one that each deployment has by itself will do."""
    parts = parts_of(group, models.groups[group])
    weighted = any(entry.weight != 1.0 for entry in models.groups[group])
    later = [name for name, _ in parts[1:]]
    if parts[0][0] == group and not (common or fallbacks or later or weighted):
        return None
    route: Written = {"model": group, "shares": [{"deployment": parts[0][0]}]}
    if later or fallbacks:
        route["fallbacks"] = [*later, *fallbacks]
    if weighted:
        route["balance"] = "weighted"
    return {**route, **common}


def _ordered(models: Models, common: Mapping[str, Any]) -> Iterator[Written]:
    for group, entries in models.groups.items():
        for name, _ in parts_of(group, entries)[1:]:
            if common:
                yield {"model": name, "shares": [{"deployment": name}], **common}


def _aliases(router: Section, models: Models) -> Iterator[tuple[str, str]]:
    for name, target in router.section("model_group_alias").take_all():
        group = Section(cast("object", target), "", Notes()).text("model") if isinstance(target, dict) else str(target)
        if name in models.groups:
            router.note("model_group_alias", f"{name!r} is a model of the list, too; the alias was left out")
        elif group in models.groups:
            yield name, group
        else:
            router.note("model_group_alias", f"{name!r} leads to {group!r}, which is no model of the list; left out")


def _alias(name: str, route: Written) -> Written:
    """Return the route of an alias: that of its model, with all that holds for it."""
    return {**route, "model": name}


def _plain(group: str) -> Written:
    return {"shares": [{"deployment": resource_name(group)}]}
