"""What tenants, projects and principals are refused for that say themselves what cannot be."""

from tulou.chassis.validation import rejections
from tulou.contracts.identity.validation import ValidateIdentity
from tulou.kernel.message import Rejections
from tulou.services.identity.service.people import checked
from tulou.services.identity.service.tenants import check_project, check_tenant


def validated(request: ValidateIdentity) -> Rejections:
    """Return why each that would be refused would be."""
    found = (
        rejections(((one.name, one) for one in request.tenants), check_tenant),
        rejections(((f"{one.tenant}/{one.name}", one) for one in request.projects), check_project),
        rejections(((f"{one.tenant}/{one.name}", one) for one in request.principals), checked),
    )
    return Rejections(items=tuple(one for some in found for one in some.items))
