"""Names of limits: each tenant has its own, kept as `<tenant>/<name>` beside those that the house gives."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tulou.chassis.reach import Reach
from tulou.contracts.limits.messages import Limit


def qualified(name: str, reach: Reach) -> str:
    """Return under which name a caller's limit is kept: the house says it in full, a tenant within its own names."""
    if reach.house:
        return name
    prefix = _prefix(reach.caller.tenant)
    return prefix + name.removeprefix(prefix)


def base(limit: Limit) -> str:
    """Return a limit's name without its tenant's."""
    return limit.name.removeprefix(_prefix(limit.tenant)) if limit.tenant else limit.name


def shown(limits: Iterable[Limit], reach: Reach) -> Sequence[Limit]:
    """Return limits as a caller knows them: its own by the name it gave, unless the house gave it one of that name."""
    found = list(limits)
    if reach.house:
        return found
    taken = {limit.name for limit in found}
    return [limit if base(limit) in taken else replace(limit, name=base(limit)) for limit in found]


def _prefix(tenant: str) -> str:
    return f"{tenant}/"
