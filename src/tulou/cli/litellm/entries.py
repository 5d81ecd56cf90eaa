"""`model_list`, entry by entry: what each calls, how much of the traffic it gets, and what it costs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tulou.cli.litellm.accounts import Account
from tulou.cli.litellm.checks import refusal_of_call
from tulou.cli.litellm.known import task_of
from tulou.cli.litellm.section import Section
from tulou.cli.litellm.settings import ENTRY, INFO
from tulou.cli.litellm.vendors import Vendors
from tulou.cli.price_shapes.litellm import is_cost, rates_of
from tulou.contracts.upstreams.messages import Provider
from tulou.kernel.errors import InvalidError

ACCOUNTS_CAP = 200
"""So many accounts a house has unless its settings say otherwise ([upstreams] max_upstreams)."""

ENTRIES_CAP = 64
"""So many upstreams a deployment may have (services/serving/domain/checks.py)."""

TASKS: Mapping[str, str] = {
    "chat": "",
    "completion": "",
    "responses": "",
    "embedding": "embedding",
    "rerank": "rerank",
    "moderation": "moderation",
}


@dataclass(frozen=True)
class Entry:
    """One line of the list. `weight` and `order` are None where the line has none."""

    place: str
    group: str
    account: Account
    there: str
    task: str = ""
    weight: float | None = None
    order: float | None = None
    rpm: float | None = None
    tpm: float | None = None
    parallel: float | None = None
    timeout: float | None = None
    retries: float | None = None
    rates: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass
class Models:
    """Entries by the name that clients use, and the accounts by the name that they get; `listed` counts all lines."""

    groups: dict[str, list[Entry]] = field(default_factory=dict[str, list[Entry]])
    accounts: dict[Account, str] = field(default_factory=dict[Account, str])
    listed: int = 0

    @property
    def imported(self) -> int:
        """How many lines have come in."""
        return sum(map(len, self.groups.values()))

    def entries(self) -> Iterator[Entry]:
        """Yield all lines that have come in."""
        for entries in self.groups.values():
            yield from entries


def read_models(
    config: Section,
    vendors: Vendors,
    *,
    providers: Mapping[str, Provider],
    credentials: Mapping[str, Mapping[str, Any]],
) -> Models:
    """Return what the list says; entries that cannot be called from here are left out with a note."""
    models = Models()
    for item, place in config.items("model_list"):
        models.listed += 1
        line = Section(item, place, config.reading)
        entry = _read(line, vendors, providers, credentials)
        line.rest()
        if entry is None or not _has_room(models, entry, config):
            continue
        models.groups.setdefault(entry.group, []).append(entry)
        _name_account(models.accounts, entry.account)
    return models


def _read(
    line: Section, vendors: Vendors, providers: Mapping[str, Provider], credentials: Mapping[str, Mapping[str, Any]]
) -> Entry | None:
    group = line.text("model_name")
    params, info = line.section("litellm_params"), line.section("model_info")
    _take_credentials(params, credentials)
    model = params.text("model")
    if not group or not model:
        line.notes.add(line.place, "names no model; left out", kind="left_out")
        return None
    if "*" in group + model:
        words = "is a pattern of models, and each needs a name here; left out"
        line.notes.add(line.place, words, kind="left_out")
        return None
    task = _task(params, info, model)
    called = vendors.account(params, model) if task is not None else None
    if called is None or task is None:
        return None
    account, there = called
    why = refusal_of_call(account, there, task=task, providers=providers)
    if why:
        line.notes.add(line.place, f"was left out, for the house would refuse it: {why}", kind="left_out")
        return None
    return _entry(line.place, group, account, there, task=task, params=params, info=info)


def _entry(place: str, group: str, account: Account, there: str, *, task: str, params: Section, info: Section) -> Entry:
    order = params.number("order", least=-1e9)
    made = Entry(
        place,
        group,
        account,
        there,
        task,
        weight=params.number("weight", least=-1.0),
        order=info.number("order", least=-1e9) if order is None else order,
        rpm=params.number("rpm", least=-1.0),
        tpm=params.number("tpm", least=-1.0),
        parallel=params.number("max_parallel_requests"),
        timeout=params.number("timeout"),
        retries=_first(params.number("num_retries", least=-1.0), params.number("max_retries", least=-1.0)),
        rates=_rates(params, info),
    )
    for words, kind in ENTRY:
        params.without(words, kind=kind)
    params.rest()
    for name in INFO:
        info.take(name)
    info.rest()
    return made


def _first(*numbers: float | None) -> float | None:
    return next((number for number in numbers if number is not None), None)


def _take_credentials(params: Section, credentials: Mapping[str, Mapping[str, Any]]) -> None:
    """Give an entry what the credential that it names says and it does not say itself."""
    name = params.text("litellm_credential_name")
    if not name:
        return
    if name not in credentials:
        params.note("litellm_credential_name", f"{name!r} is not in credential_list", kind="differs")
    params.fill(credentials.get(name, {}))


def _task(params: Section, info: Section, model: str) -> str | None:
    """Return what the house calls an entry's mode; None, with a note, for one that it does not serve."""
    written = info.text("mode")
    mode = written or task_of(model)
    if mode in TASKS:
        return TASKS[mode]
    if written:
        info.note("mode", f"{mode!r} is not served here; the entry was left out", kind="left_out")
    else:
        params.note("model", f"is taken for {mode!r} by its name, which is not served here; left out", kind="left_out")
    return None


def _rates(params: Section, info: Section) -> Mapping[str, Any]:
    """Return what the entry itself says of costs, as a price has it; what is said for the call comes first."""
    given = {**info.take_those(is_cost), **params.take_those(is_cost)}
    try:
        return rates_of(params.place, given)
    except InvalidError as error:
        params.notes.add(params.place, f"has no price now: {error}")
        return {}


def _has_room(models: Models, entry: Entry, config: Section) -> bool:
    if entry.account not in models.accounts and len(models.accounts) >= ACCOUNTS_CAP:
        words = f"was left out: a house has {ACCOUNTS_CAP} accounts ([upstreams] max_upstreams)"
        config.notes.add(entry.place, words, kind="left_out")
        return False
    if len(models.groups.get(entry.group, ())) >= ENTRIES_CAP:
        words = f"was left out: a deployment has up to {ENTRIES_CAP} upstreams"
        config.notes.add(entry.place, words, kind="left_out")
        return False
    return True


def _name_account(accounts: dict[Account, str], account: Account) -> None:
    if account in accounts:
        return
    base = account.provider.removesuffix("-deployments")
    taken, name, number = set(accounts.values()), base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    accounts[account] = name
