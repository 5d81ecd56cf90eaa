"""`model_list`, entry by entry: what each calls, how much of the traffic it gets, and what it costs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tulou.cli.litellm.accounts import ImportedUpstream
from tulou.cli.litellm.checks import refusal_of_call
from tulou.cli.litellm.known import chats_by_name, task_of
from tulou.cli.litellm.request_settings import request_settings
from tulou.cli.litellm.section import Section, first_given
from tulou.cli.litellm.settings import ENTRY, INFO
from tulou.cli.litellm.vendors import VendorTable
from tulou.cli.price_shapes.litellm import is_cost, rates_of
from tulou.contracts.upstreams.messages import Provider
from tulou.kernel.errors import InvalidError
from tulou.rules.routing.patterns import WILDCARD, is_pattern

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
class ModelEntry:
    """One line of the list. `weight` and `order` are None where the line has none."""

    place: str
    group: str
    account: ImportedUpstream
    there: str
    task: str = ""
    weight: float | None = None
    order: float | None = None
    rpm: float | None = None
    tpm: float | None = None
    parallel: float | None = None
    retries: float | None = None
    rates: Mapping[str, Any] = field(default_factory=dict[str, Any])
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass
class ImportedModels:
    """Entries by the name that clients use, and the accounts by the name that they get; `listed` counts all lines."""

    groups: dict[str, list[ModelEntry]] = field(default_factory=dict[str, list[ModelEntry]])
    accounts: dict[ImportedUpstream, str] = field(default_factory=dict[ImportedUpstream, str])
    listed: int = 0

    @property
    def imported(self) -> int:
        """How many lines have come in."""
        return sum(map(len, self.groups.values()))

    def entries(self) -> Iterator[ModelEntry]:
        """Yield all lines that have come in."""
        for entries in self.groups.values():
            yield from entries


def read_models(config: Section, reader: "EntryReader") -> ImportedModels:
    """Return what the list says; entries that cannot be called from here are left out with a note."""
    models = ImportedModels()
    for item, place in config.items("model_list"):
        models.listed += 1
        line = Section(item, place, config.reading)
        entry = reader.read(line)
        line.rest()
        if entry is None or _mixes(models, entry, config) or not _has_room(models, entry, config):
            continue
        models.groups.setdefault(entry.group, []).append(entry)
        _name_account(models.accounts, entry.account)
    return models


@dataclass(frozen=True)
class EntryReader:
    """What it takes to read a line: vendors and this house's providers, named credentials, and what holds for all."""

    vendors: VendorTable
    providers: Mapping[str, Provider]
    credentials: Mapping[str, Mapping[str, Any]]
    usual: Mapping[str, Any]

    def read(self, line: Section) -> ModelEntry | None:
        """Return an entry; None, with a note, for one that is left out."""
        group = line.text("model_name")
        params, info = line.section("litellm_params"), line.section("model_info")
        _take_credentials(params, self.credentials)
        params.fill(self.usual)
        model = params.text("model")
        if why := _misfit(group, model):
            line.notes.add(line.place, f"{why}; left out", kind="left_out")
            return None
        written = info.text("mode")
        task = _task(params, info, model, written=written)
        called = self.vendors.account(params, model, task=task) if task is not None else None
        if called is None or task is None:
            return None
        account, there = called
        settings = request_settings(params)
        why = refusal_of_call(account, {"model": there, **settings}, task=task, providers=self.providers)
        if why:
            line.notes.add(line.place, f"was left out, for the house would refuse it: {why}", kind="left_out")
            return None
        if is_pattern(there):
            params.note("model", _PATTERN, kind="differs")
        elif account.base_url and not task and not written and not chats_by_name(model):
            params.note(
                "model",
                "has no mode, and nothing in its name says what it is for: it is taken for chat",
                kind="differs",
            )
        made = ModelEntry(line.place, group, account, there, task, settings=settings)
        return _with_shares(made, params=params, info=info)


_PATTERN = "many models are asked for chats alone here; embeddings need an entry of their own"


def _misfit(group: str, model: str) -> str:
    """Return why an entry's names do not fit together; nothing if they do."""
    if not group or not model:
        return "names no model"
    if group.count(WILDCARD) > 1 or model.count(WILDCARD) > 1:
        return "is a pattern with more than one `*`"
    if is_pattern(model) and not is_pattern(group):
        return "leads one name to many models"
    if model == WILDCARD:
        return "is for every model of every vendor, and needs one of them here, as in openai/*"
    return ""


def _with_shares(entry: ModelEntry, *, params: Section, info: Section) -> ModelEntry:
    """Return an entry with its part of the traffic and its costs; whatever else its line says is told."""
    order = params.number("order", least=-1e9)
    made = replace(
        entry,
        weight=params.number("weight", least=-1.0),
        order=info.number("order", least=-1e9) if order is None else order,
        rpm=params.number("rpm", least=-1.0),
        tpm=params.number("tpm", least=-1.0),
        parallel=params.number("max_parallel_requests"),
        retries=first_given(params.number("num_retries", least=-1.0), params.number("max_retries", least=-1.0)),
        rates=_rates(params, info),
    )
    for words, kind in ENTRY:
        params.without(words, kind=kind)
    params.rest()
    for name in INFO:
        info.take(name)
    info.rest()
    return made


def _take_credentials(params: Section, credentials: Mapping[str, Mapping[str, Any]]) -> None:
    """Give an entry what the credential that it names says and it does not say itself."""
    name = params.text("litellm_credential_name")
    if not name:
        return
    if name not in credentials:
        params.note("litellm_credential_name", f"{name!r} is not in credential_list", kind="differs")
    params.fill(credentials.get(name, {}))


def _task(params: Section, info: Section, model: str, *, written: str) -> str | None:
    """Return what the house calls an entry's mode; None, with a note, for one that it does not serve."""
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


def _mixes(models: ImportedModels, entry: ModelEntry, config: Section) -> bool:
    """Say whether an entry is for one model where the first of its name is for many, or the other way round."""
    first = next(iter(models.groups.get(entry.group, ())), entry)
    if is_pattern(first.there) == is_pattern(entry.there):
        return False
    words = f"was left out: entries of {entry.group!r} are all for one model, or all for many, as the first of them is"
    config.notes.add(entry.place, words, kind="left_out")
    return True


def _has_room(models: ImportedModels, entry: ModelEntry, config: Section) -> bool:
    if entry.account not in models.accounts and len(models.accounts) >= ACCOUNTS_CAP:
        words = f"was left out: a house has {ACCOUNTS_CAP} accounts ([upstreams] max_upstreams)"
        config.notes.add(entry.place, words, kind="left_out")
        return False
    if len(models.groups.get(entry.group, ())) >= ENTRIES_CAP:
        words = f"was left out: a deployment has up to {ENTRIES_CAP} upstreams"
        config.notes.add(entry.place, words, kind="left_out")
        return False
    return True


def _name_account(accounts: dict[ImportedUpstream, str], account: ImportedUpstream) -> None:
    if account in accounts:
        return
    base = account.provider.removesuffix("-deployments")
    taken, name, number = set(accounts.values()), base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    accounts[account] = name
