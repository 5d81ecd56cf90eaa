"""Whose usage a caller may see."""

from collections.abc import Iterable, Mapping, Sequence

from tulou.chassis.reach import Reach, reach
from tulou.contracts.metering.messages import Dimension
from tulou.kernel.errors import ForbiddenError, InvalidError
from tulou.services.metering.domain.sums import DIMENSIONS
from tulou.services.metering.store.numbers import Filters

VALUES_CAP = 200
VALUE_CAP = 200


def within_reach(filters: Iterable[tuple[Dimension, str]]) -> Filters:
    """Return the values asked for by dimension, with the caller's own tenant or projects where these are all there is.

    Raise `ForbiddenError` for another's tenant or project. The house itself, which has no tenant, sees all.
    """
    wanted: dict[Dimension, list[str]] = {}
    for dimension, value in filters:
        if dimension not in DIMENSIONS:
            raise InvalidError(
                f"nothing is summed by {dimension!r}; there are {', '.join(DIMENSIONS)}", param="filters"
            )
        if len(value) > VALUE_CAP or "\0" in value:
            raise InvalidError(f"{dimension} is longer than {VALUE_CAP} characters, or no text", param=dimension)
        wanted.setdefault(dimension, []).append(value)
    if sum(map(len, wanted.values())) > VALUES_CAP:
        raise InvalidError(f"more than {VALUES_CAP} values are filtered for; ask in parts", param="filters")
    return _kept_within(wanted, reach())


def _kept_within(wanted: dict[Dimension, list[str]], bounds: Reach) -> Filters:
    if bounds.house:
        return wanted
    wanted["tenant"] = _only("tenant", wanted, (bounds.caller.tenant,))
    if bounds.within is not None:
        wanted["project"] = _only("project", wanted, bounds.within)
    return wanted


def _only(dimension: Dimension, wanted: Mapping[Dimension, list[str]], mine: Sequence[str]) -> list[str]:
    """Return the values asked for, else all that are the caller's; raise `ForbiddenError` for any that is not."""
    asked = wanted.get(dimension, [])
    if not set(asked) <= set(mine):
        raise ForbiddenError(f"you may see the usage of {dimension} {', '.join(mine)!r} only", param=dimension)
    return asked or list(mine)
