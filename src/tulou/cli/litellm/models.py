"""`model_list`: groups of entries become deployments, accounts, prices and limits."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tulou.cli.litellm.notes import Notes, Section, Written
from tulou.cli.litellm.vendors import Account, Vendors
from tulou.cli.price_shapes.litellm import is_cost, rates_of
from tulou.kernel.errors import InvalidError

NAME_CAP = 63
CONCURRENCY_CAP = 1024
TASKS: Mapping[str, str] = {
    "chat": "",
    "completion": "",
    "responses": "",
    "embedding": "embedding",
    "rerank": "rerank",
    "moderation": "moderation",
}
_UNUSED: Mapping[str, str] = {
    "timeout": "deadlines belong to the model's route here, not to one of its upstreams",
    "stream_timeout": "deadlines belong to the model's route here, not to one of its upstreams",
    "max_retries": "attempts belong to the model's route here, not to one of its upstreams",
    "tags": "tags do not choose an upstream here",
    "mock_response": "is for tests",
    **dict.fromkeys(
        ("temperature", "top_p", "max_tokens", "seed", "stop", "presence_penalty", "frequency_penalty"),
        "what a request leaves out stays out here: clients send it",
    ),
    "drop_params": "what an upstream cannot take is always an error or a reported drop here",
    "organization": "add it to the upstream as a header, openai-organization",
}
_KNOWN_INFO = frozenset({"id", "base_model", "max_tokens", "max_input_tokens", "max_output_tokens", "db_model"})


@dataclass
class Entry:
    """One line of the list."""

    place: str
    account: Account
    there: str
    weight: float = 1.0
    order: int = 0
    rpm: float | None = None
    tpm: float | None = None
    parallel: float | None = None
    task: str = ""
    rates: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass
class Models:
    """All entries by the name that clients use, and the accounts by the name that they get."""

    groups: dict[str, list[Entry]] = field(default_factory=dict[str, list[Entry]])
    accounts: dict[Account, str] = field(default_factory=dict[Account, str])


def read_models(config: Section, vendors: Vendors) -> Models:
    """Return what the list says; entries that cannot be called from here are left out with a note."""
    models = Models()
    for item, place in config.items("model_list"):
        entry = Section(item, place, config.notes)
        name = entry.text("model_name")
        found = _entry(entry, name, vendors)
        entry.rest()
        if found is not None:
            models.groups.setdefault(name, []).append(found)
            _name_account(models.accounts, found.account)
    return models


def _entry(entry: Section, name: str, vendors: Vendors) -> Entry | None:
    params, info = entry.section("litellm_params"), entry.section("model_info")
    model = params.text("model")
    mode = info.text("mode") or "chat"
    if not name or not model or "*" in name + model:
        entry.notes.add(entry.place, "names no model, or a pattern of models: each needs a name here; left out")
        return None
    if mode not in TASKS:
        info.note("mode", f"{mode!r} is not served here; the entry was left out")
        return None
    called = vendors.account(params, model)
    if called is None:
        return None
    account, there = called
    made = Entry(entry.place, account, there, task=TASKS[mode])
    made.weight = params.number("weight") or 1.0
    made.order = int(params.number("order") or 0)
    made.rpm, made.tpm, made.parallel = (params.number(key) for key in ("rpm", "tpm", "max_parallel_requests"))
    made.rates = _rates(params, info)
    params.left_out(_UNUSED)
    params.rest()
    _tell_info(info)
    return made


def _rates(params: Section, info: Section) -> Mapping[str, Any]:
    """Return what the entry itself says of costs, as a price has it; what is said for the call comes first."""
    given = {**info.take_those(is_cost), **params.take_those(is_cost)}
    try:
        return rates_of(params.place, given)
    except InvalidError as error:
        params.notes.add(params.place, f"has no price now: {error}")
        return {}


def _tell_info(info: Section) -> None:
    for name in _KNOWN_INFO:
        info.take(name)
    info.rest()


def _name_account(accounts: dict[Account, str], account: Account) -> None:
    if account in accounts:
        return
    base = account.provider.removesuffix("-deployments")
    number = sum(name == base or name.startswith(f"{base}-") for name in accounts.values())
    name = base if not number else f"{base}-{number + 1}"
    while name in accounts.values():
        name += "x"
    accounts[account] = name


def resource_name(text: str) -> str:
    """Return a text as a name that deployments, principals and projects may have."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")[:NAME_CAP] or "unnamed"


def limit_name(*parts: str) -> str:
    """Return a name that limits may have."""
    return re.sub(r"[^a-z0-9._-]+", "-", "-".join(parts).lower()).strip("-._")[:100] or "unnamed"


def deployments(models: Models, notes: Notes) -> list[Written]:
    """Return a deployment for each group, and one more for each further order within it."""
    return [
        _deployment(name, entries, models.accounts, notes)
        for group, entries_ in models.groups.items()
        for name, entries in parts_of(group, entries_)
    ]


def parts_of(group: str, entries: list[Entry]) -> list[tuple[str, list[Entry]]]:
    """Return the deployments of a group by name: those that are tried first, then those that they fall back to."""
    orders = sorted({entry.order for entry in entries})
    name = resource_name(group)
    return [
        (name if not place else f"{name[: NAME_CAP - 8]}-order-{order}", [one for one in entries if one.order == order])
        for place, order in enumerate(orders)
    ]


def _deployment(name: str, entries: list[Entry], accounts: Mapping[Account, str], notes: Notes) -> Written:
    made: Written = {
        "name": name,
        "engine": "remote",
        "upstreams": [_upstream(one, accounts) for one in entries],
    }
    tasks = {entry.task for entry in entries}
    if len(tasks) > 1:
        notes.add(entries[0].place, f"the entries of {name!r} have different modes; the first was taken")
    if entries[0].task:
        made["task"] = entries[0].task
    parallel = {int(entry.parallel) for entry in entries if entry.parallel}
    if parallel:
        made["concurrency"] = min(max(parallel), CONCURRENCY_CAP)
    if len(parallel) > 1:
        notes.add(entries[0].place, f"max_parallel_requests differ within {name!r}; the largest holds for each")
    return made


def _upstream(entry: Entry, accounts: Mapping[Account, str]) -> Written:
    made: Written = {"upstream": accounts[entry.account], "model": entry.there}
    return made if entry.weight == 1.0 else {**made, "weight": entry.weight}


def prices(models: Models, notes: Notes) -> list[Written]:
    """Return what models that answer cost a million tokens, where the file says so."""
    made: dict[tuple[str, str], Written] = {}
    for entries in models.groups.values():
        for entry in entries:
            if not entry.rates:
                continue
            name = (entry.there, entry.account.provider)
            price = {"model": entry.there, "provider": entry.account.provider, **_written(entry.rates)}
            if made.setdefault(name, price) != price:
                words = f"{entry.there!r} costs differently elsewhere in this file; the first price was taken"
                notes.add(entry.place, words)
    return list(made.values())


def _written(rates: Mapping[str, Any]) -> Written:
    tiers = [{name: rate for name, rate in asdict(tier).items() if rate is not None} for tier in rates.get("tiers", ())]
    return {**rates, **({"tiers": tiers} if tiers else {})}


def limits(models: Models, notes: Notes) -> list[Written]:
    """Return what the entries of each group allow together."""
    made: list[Written] = []
    for group, entries in models.groups.items():
        for field_, measure in (("rpm", "requests"), ("tpm", "tokens")):
            amounts = [getattr(entry, field_) for entry in entries]
            given = [amount for amount in amounts if amount]
            if not given:
                continue
            if len(given) < len(amounts):
                notes.add(entries[0].place, f"not every entry of {group!r} has {field_}, so together they have none")
                continue
            made.append(
                {
                    "name": limit_name(group, field_),
                    "scope": "house",
                    "measure": measure,
                    "amount": float(int(sum(given))),
                    "period": "minute",
                    "models": [group],
                }
            )
    return made
