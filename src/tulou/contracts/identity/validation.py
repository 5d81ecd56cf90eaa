"""Messages by which identity is asked what it would refuse, before anything is made."""

from tulou.contracts.identity.messages import Project, PutPrincipal, Tenant
from tulou.kernel.message import message


@message
class ValidateIdentity:
    """Tenants, projects and principals that are to be made or changed."""

    tenants: tuple[Tenant, ...] = ()
    projects: tuple[Project, ...] = ()
    principals: tuple[PutPrincipal, ...] = ()
