"""How two states of the house differ, in the order in which one is made of the other."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType

from tulou.contracts.configuration.messages import Change, ChangeKind
from tulou.kernel.errors import InvalidError
from tulou.kernel.message import message
from tulou.services.configuration.domain.document import REMOVAL, SECTIONS, Entry, Resources, stays
from tulou.services.configuration.domain.writing import as_json

SUMMARY_STEPS = 3
NAMED_STEPS = 20
SINGULAR: Mapping[str, str] = MappingProxyType({"policies": "policy"})


@message
class Step:
    """One resource that is made, changed or removed."""

    kind: ChangeKind
    section: str
    name: str
    before: Entry | None = None
    after: Entry | None = None

    def __str__(self) -> str:
        """Return what people call it."""
        return f"{self.kind} {self.section} {self.name!r}"


def difference(current: Resources, wanted: Resources, *, prune: bool = True) -> Sequence[Step]:
    """Return the steps from one to the other: what others need is made first; what is not wanted goes last.

    Sections that either does not have stay as they are; without `prune` nothing is removed at all.
    """
    steps = [step for section in SECTIONS if section in current for step in _puts(section, current, wanted)]
    if prune:
        steps += [step for section in REMOVAL for step in _removals(section, current, wanted)]
    return steps


def summary(changes: Sequence[Change]) -> str:
    """Return in a few words what changes: the first of the changes by name, and how many more."""
    named = [f"{change.kind} {change.resource}/{change.name}" for change in changes[:SUMMARY_STEPS]]
    more = len(changes) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def chosen(steps: Sequence[Step], only: Collection[str]) -> Sequence[Step]:
    """Return those of the steps that are asked for, each `<kind>/<name>`, all where nothing is.

    Raise `InvalidError` for one that is none of them, naming those there are.
    """
    if not only:
        return steps
    asked = {_place(name) for name in only}
    there = {f"{step.section}/{step.name}" for step in steps}
    if unknown := sorted(asked - there):
        some = ", ".join(sorted(there)[:NAMED_STEPS]) or "nothing"
        raise InvalidError(f"{unknown[0]!r} does not change; what does is {some}", param="only")
    return [step for step in steps if f"{step.section}/{step.name}" in asked]


def applied(current: Resources, steps: Sequence[Step]) -> Resources:
    """Return a state after these steps."""
    after = {section: dict(entries) for section, entries in current.items()}
    for step in steps:
        if step.after is None:
            after[step.section].pop(step.name, None)
        else:
            after[step.section][step.name] = step.after
    return after


def _place(name: str) -> str:
    kind, _, rest = name.partition("/")
    section = next((one for one in SECTIONS if kind in (one, one.removesuffix("s"), SINGULAR.get(one))), kind)
    return f"{section}/{rest}"


def change_of(step: Step) -> Change:
    """Return a step as it is shown."""
    return Change(
        kind=step.kind,
        resource=step.section,
        name=step.name,
        before=as_json(step.before),
        after=as_json(step.after),
        fields=_differing(step.before, step.after),
    )


def _puts(section: str, current: Resources, wanted: Resources) -> Iterable[Step]:
    there = current[section]
    given = wanted.get(section, {})
    for name in _ordered(section, given):
        before, after = there.get(name), given[name]
        if before is None:
            yield Step(kind="create", section=section, name=name, after=after)
        elif before != after:
            yield Step(kind="update", section=section, name=name, before=before, after=after)


def _removals(section: str, current: Resources, wanted: Resources) -> Iterable[Step]:
    if section not in wanted:
        return
    for name, entry in sorted(current.get(section, {}).items()):
        if name not in wanted[section] and not stays(section, entry):
            yield Step(kind="delete", section=section, name=name, before=entry)


def _ordered(section: str, given: Mapping[str, Entry]) -> Iterable[str]:
    """Return names in order; a route comes after those that it falls back to."""
    if section != "routes":
        return sorted(given)
    graph = {name: sorted(given.keys() & set(given[name].fallbacks)) for name in sorted(given)}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise InvalidError(f"routes: the fallbacks go in a circle: {circle}; leave one out", param="routes") from error


def _differing(before: Entry | None, after: Entry | None) -> tuple[str, ...]:
    if before is None or after is None:
        return ()
    return tuple(item.name for item in fields(after) if getattr(before, item.name) != getattr(after, item.name))
