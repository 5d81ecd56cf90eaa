"""Permissions: patterns of nouns and verbs, minus what a role takes away."""

import pytest

from tulou.contracts.governance.messages import Role
from tulou.services.identity.domain.permissions import flat, hands_on, permits


def made(*permissions: str) -> Role:
    return Role(name="r", permissions=permissions)


@pytest.mark.parametrize(
    ("held", "wanted", "allowed"),
    [
        (["*:*"], "keys:write", True),
        (["keys:*"], "keys:write", True),
        (["keys:*"], "limits:write", False),
        (["*:read"], "keys:read", True),
        (["*:read"], "keys:write", False),
        (["*:read"], "*:read", True),
        (["keys:read"], "*:read", False),
        (["*:read", "-audit:*"], "audit:read", False),
        (["*:read", "-audit:*"], "*:read", False),
        (["*:read", "-audit:*"], "keys:read", True),
        ([], "keys:read", False),
    ],
)
def test_a_role_permits_what_its_patterns_cover(held: list[str], wanted: str, *, allowed: bool) -> None:
    assert permits([made(*held)], wanted) is allowed


@pytest.mark.parametrize(
    ("held", "given", "allowed"),
    [
        (["*:*"], ["*:read", "-audit:*"], True),
        (["*:read", "-audit:*"], ["*:read", "-audit:*"], True),
        (["*:read", "-audit:*"], ["*:read", "-audit:read"], False),
        (["*:read", "-audit:*"], ["*:read"], False),
        (["*:read", "-audit:*"], ["keys:read"], True),
        (["keys:*"], ["keys:read", "keys:write"], True),
        (["keys:read"], ["keys:*"], False),
    ],
)
def test_only_what_is_held_is_handed_on(held: list[str], given: list[str], *, allowed: bool) -> None:
    assert hands_on([made(*held)], made(*given)) is allowed


def test_roles_are_added_up_and_what_one_takes_another_may_give() -> None:
    viewer, auditor = made("*:read", "-audit:*"), made("audit:*")
    assert flat([viewer]) == ("*:read", "-audit:*")
    assert flat([viewer, auditor]) == ("*:read", "audit:*")
    assert hands_on([viewer, auditor], made("audit:read"))
