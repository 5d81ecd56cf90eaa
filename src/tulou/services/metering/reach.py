"""Whose usage a caller may see."""

from collections.abc import Iterable

from tulou.contracts.metering.messages import Dimension
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import ForbiddenError, InvalidError
from tulou.services.metering.domain.sums import DIMENSIONS
from tulou.services.metering.store.numbers import Filters

VALUES_CAP = 200
VALUE_CAP = 200


def within_reach(filters: Iterable[tuple[Dimension, str]]) -> Filters:
    """Return the values asked for by dimension, with the caller's own tenant where that is all there is to see.

    Raise `ForbiddenError` for another's tenant. The house itself, which has no tenant, sees all.
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
    tenant = own_tenant()
    if tenant is None:
        return wanted
    if any(value != tenant for value in wanted.get("tenant", ())):
        raise ForbiddenError(f"you may see the usage of {tenant!r} only", param="tenant")
    return {**wanted, "tenant": [tenant]}


def own_tenant() -> str | None:
    """Return the tenant that the caller is kept to, or None if the caller acts over the house."""
    context = CONTEXT.get()
    return None if context.house or not context.tenant else context.tenant


def check_house(what: str) -> None:
    """Raise `ForbiddenError` unless the caller acts over the house: prices are the same for all tenants."""
    if own_tenant() is not None:
        raise ForbiddenError(f"{what} touches all tenants; it needs a role held at the house")
