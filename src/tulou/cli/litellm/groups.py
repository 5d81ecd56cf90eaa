"""Entries of one name: which of them share its traffic, which wait until others rest, and the deployments of each.

LiteLLM (`get_order_filtered_deployments`, `simple_shuffle`) asks the lowest `order` alone, and entries without one when
no other is well. Among those it draws by `weight`; where none has one by `rpm`, then `tpm`; what has none of the first
that is used is drawn when all others rest. Its other strategies know no weights.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from tulou.cli.litellm.accounts import ImportedUpstream
from tulou.cli.litellm.entries import ImportedModels, ModelEntry
from tulou.cli.litellm.names import NAME_CAP, FreeNames, resource_name
from tulou.cli.litellm.notes import ImportNotes
from tulou.cli.litellm.section import Written
from tulou.rules.routing.patterns import answers_many, implicit_model

CONCURRENCY_CAP = 1024
WEIGHT_CAP = 1_000.0
METRICS = ("weight", "rpm", "tpm")
ROOM = 24
"""Characters that the ends of names of later parts may take."""


@dataclass(frozen=True)
class GroupPart:
    """A deployment of a group: `entries` with what each gets of its traffic."""

    name: str
    entries: tuple[ModelEntry, ...]
    weights: tuple[float, ...]

    @property
    def model(self) -> str:
        """The model that clients ask for to reach this deployment alone."""
        return implicit_model(self.name, wildcard=answers_many(entry.there for entry in self.entries))

    @property
    def weighted(self) -> bool:
        """Whether some get more than others."""
        return len(set(self.weights)) > 1


@dataclass(frozen=True)
class ModelGroups:
    """The parts of each group in the order in which they are tried."""

    parts: Mapping[str, Sequence[GroupPart]]


def grouped(models: ImportedModels, notes: ImportNotes, *, aliases: Collection[str], shuffled: bool) -> ModelGroups:
    """Return the parts of all groups, each with a name of its own; `shuffled` says that weights are drawn by.

    Later parts are models as well, and have the name of no alias.
    """
    names = FreeNames()
    first = names.all(list(models.groups), resource_name)
    names.taken.update(aliases)
    made: dict[str, list[GroupPart]] = {}
    for group, entries in models.groups.items():
        for end, some in _levels(entries, shuffled=shuffled):
            later = bool(made.get(group))
            name = names.free(f"{first[group][: NAME_CAP - ROOM]}-{end or 'order'}") if later else first[group]
            made.setdefault(group, []).append(_part(name, some, notes, shuffled=shuffled))
    return ModelGroups(made)


def _levels(entries: Sequence[ModelEntry], *, shuffled: bool) -> Sequence[tuple[str, Sequence[ModelEntry]]]:
    """Return entries that are tried together, in order, each with what tells its deployment from the group's first."""
    levels: list[tuple[str, Sequence[ModelEntry]]] = []
    orders = sorted({inf if entry.order is None else entry.order for entry in entries})
    for order in orders:
        some = [entry for entry in entries if (inf if entry.order is None else entry.order) == order]
        end = "unordered" if order == inf else f"order-{order:g}"
        metric = _metric(some) if shuffled else ""
        drawn = [entry for entry in some if not metric or (getattr(entry, metric) or 0) > 0]
        standby = [entry for entry in some if entry not in drawn]
        levels.append((end, drawn))
        if standby:
            levels.append((f"{end}-standby" if len(orders) > 1 else "standby", standby))
    return levels


def _metric(entries: Sequence[ModelEntry]) -> str:
    """Return by what LiteLLM draws among entries; nothing where all are alike."""
    return next((name for name in METRICS if any((getattr(entry, name) or 0) > 0 for entry in entries)), "")


def _part(name: str, entries: Sequence[ModelEntry], notes: ImportNotes, *, shuffled: bool) -> GroupPart:
    metric = _metric(entries) if shuffled else ""
    if not metric:
        for entry in entries:
            if entry.weight is not None and not shuffled:
                words = "is of no use to this routing_strategy in LiteLLM, and was left out"
                notes.add(f"{entry.place}.litellm_params.weight", words, kind="differs")
        return GroupPart(name, tuple(entries), (1.0,) * len(entries))
    return GroupPart(name, tuple(entries), _scaled([float(getattr(entry, metric)) for entry in entries], metric))


def _scaled(weights: Sequence[float], metric: str) -> tuple[float, ...]:
    """Return weights as a deployment takes them; those that count requests or tokens as shares of the largest."""
    most = max(weights)
    if metric == "weight" and most <= WEIGHT_CAP:
        return tuple(weights)
    return tuple(max(round(weight / most, 6), 1e-6) for weight in weights)


def tell_standby(groups: ModelGroups, notes: ImportNotes) -> None:
    """Tell of entries that get traffic only while others rest, as in LiteLLM."""
    for parts in groups.parts.values():
        for part in parts[1:]:
            if part.name.endswith("standby"):
                for entry in part.entries:
                    words = "has no share of the traffic, and is asked only when the others of its name fail"
                    notes.add(entry.place, words, kind="differs")


def deployments(groups: ModelGroups, accounts: Mapping[ImportedUpstream, str], notes: ImportNotes) -> list[Written]:
    """Return a deployment for each part of each group."""
    return [_deployment(part, accounts, notes) for parts in groups.parts.values() for part in parts]


def _deployment(part: GroupPart, accounts: Mapping[ImportedUpstream, str], notes: ImportNotes) -> Written:
    entries, place = part.entries, part.entries[0].place
    upstreams = (_upstream(one, weight, accounts) for one, weight in zip(entries, part.weights, strict=True))
    made: Written = {"name": part.name, "engine": "remote", "upstreams": _once(upstreams)}
    if len({entry.task for entry in entries}) > 1:
        words = f"the entries of {entries[0].group!r} are for different tasks; that of the first was taken"
        notes.add(place, words, kind="differs")
    if entries[0].task:
        made["task"] = entries[0].task
    parallel = {int(entry.parallel) for entry in entries if entry.parallel}
    if parallel:
        made["concurrency"] = min(max(parallel), CONCURRENCY_CAP)
    if len(parallel) > 1:
        words = f"max_parallel_requests differ within {entries[0].group!r}; the largest holds for each"
        notes.add(place, words, kind="differs")
    return made


def _upstream(entry: ModelEntry, weight: float, accounts: Mapping[ImportedUpstream, str]) -> Written:
    made: Written = {"upstream": accounts[entry.account], "model": entry.there, **entry.settings}
    return made if weight == 1.0 else {**made, "weight": weight}


def _once(upstreams: Iterable[Written]) -> list[Written]:
    """Return upstreams, those that are the same place and model as one with the sum of their weights."""
    found: dict[str, Written] = {}
    for one in upstreams:
        key = repr({name: value for name, value in one.items() if name != "weight"})
        twin = found.get(key)
        found[key] = one if twin is None else {**one, "weight": twin.get("weight", 1.0) + one.get("weight", 1.0)}
    return list(found.values())
