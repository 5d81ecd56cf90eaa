"""The algebra of permissions: `<noun>:<verb>`, either part may be `*`; one with `-` takes away within its role."""

from collections.abc import Iterable, Sequence

from tulou.contracts.governance.messages import Role

MINUS = "-"


def permits(roles: Iterable[Role], wanted: str) -> bool:
    """Say whether one of the roles permits all that a permission, or a pattern of them, means."""
    return any(_permits(role, wanted, without=()) for role in roles)


def hands_on(roles: Sequence[Role], given: Role) -> bool:
    """Say whether the roles held permit everything that a role would give."""
    without = _taken(given)
    return all(any(_permits(role, wanted, without=without) for role in roles) for wanted in _granted(given))


def flat(roles: Sequence[Role]) -> tuple[str, ...]:
    """Return what roles permit together, as one list that is read like that of one role."""
    granted = [wanted for role in roles for wanted in _granted(role)]
    taken = [
        MINUS + away
        for role in roles
        for away in _taken(role)
        if not any(_permits(other, away, without=()) for other in roles if other is not role)
    ]
    return tuple(dict.fromkeys([*granted, *taken]))


def _permits(role: Role, wanted: str, *, without: Sequence[str]) -> bool:
    if not any(_covers(held, wanted) for held in _granted(role)):
        return False
    lost = (away for away in _taken(role) if _overlaps(away, wanted))
    return all(any(_covers(other, away) for other in without) for away in lost)


def _granted(role: Role) -> Sequence[str]:
    return [one for one in role.permissions if not one.startswith(MINUS)]


def _taken(role: Role) -> Sequence[str]:
    return [one.removeprefix(MINUS) for one in role.permissions if one.startswith(MINUS)]


def _covers(held: str, wanted: str) -> bool:
    return all(mine in ("*", other) for mine, other in _parts(held, wanted))


def _overlaps(one: str, other: str) -> bool:
    return all("*" in (mine, theirs) or mine == theirs for mine, theirs in _parts(one, other))


def _parts(one: str, other: str) -> Iterable[tuple[str, str]]:
    return zip(one.split(":", 1), other.split(":", 1), strict=False)
