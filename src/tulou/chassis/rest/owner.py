"""Whose things a request is about."""

from tulou.contracts.files.messages import Owner
from tulou.kernel.context import CONTEXT


def owner() -> Owner:
    """Return whose files and batches the caller may see."""
    caller = CONTEXT.get()
    return Owner(tenant=caller.tenant, project=caller.project, key=caller.key, principal=caller.principal)
