"""Whose traffic a caller sees: that of its tenant, or all if it may act over the house."""

from tulou.kernel.context import Context


def kept_to(caller: Context) -> str | None:
    """Return the tenant that a caller is kept to, or None for the whole house; nobody is the house itself."""
    nobody = not (caller.principal or caller.tenant)
    return None if caller.house or nobody else caller.tenant
