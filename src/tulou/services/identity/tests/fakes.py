"""What stands in for other services and for the world: a book of roles, a provider that is never asked."""

from collections.abc import Mapping
from typing import Any

from tulou.contracts.governance.messages import AuditEntry, ListRoles, RecordAudit, Role, RoleList
from tulou.kernel.message import Done

ROLES = (
    Role(name="operator", permissions=("*:*",), house=True, built_in=True),
    Role(
        name="admin",
        permissions=("projects:*", "principals:*", "sessions:*", "keys:*", "limits:*", "*:read", "*:use"),
        built_in=True,
    ),
    Role(name="developer", permissions=("keys:*", "models:read", "*:use", "usage:read"), built_in=True),
    Role(name="viewer", permissions=("*:read", "-audit:*"), built_in=True),
    Role(name="auditor", permissions=("audit:read", "usage:read"), built_in=True),
    Role(name="registrar", permissions=("principals:*", "keys:*"), house=True),
)
"""Those that are built in, as governance has them, and one of somebody's own that reaches over the house."""


class RoleBook:
    """Governance, as far as identity asks it, and what it was told of."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []

    async def record(self, request: RecordAudit) -> Done:
        self.entries += request.entries
        return Done()

    async def roles(self, request: ListRoles) -> RoleList:
        del request
        return RoleList(items=ROLES)


class NoWeb:
    """A world without providers."""

    async def document(self, url: str, *, bearer: str = "", timeout_s: float) -> Mapping[str, Any]:
        raise AssertionError(url, bearer, timeout_s)

    async def exchange(
        self, url: str, form: Mapping[str, str], *, basic: tuple[str, str] | None, timeout_s: float
    ) -> Mapping[str, Any]:
        raise AssertionError(url, form, basic, timeout_s)


class NoCredentials:
    """No references lead anywhere."""

    async def reveal(self, reference: str) -> str:
        raise AssertionError(reference)
