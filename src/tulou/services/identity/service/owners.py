"""For whom a key may be made: who that is, made known if nobody knew them, and no more powerful than who asks."""

from tulou.contracts.identity.events import PRINCIPAL_CHANGED, PrincipalChanged
from tulou.contracts.identity.messages import CreateKey, Principal, RoleBinding
from tulou.kernel.errors import ForbiddenError, NotFoundError
from tulou.ports.database import Transaction
from tulou.services.identity.domain.reach import RoleReach
from tulou.services.identity.service.context import UseCaseContext
from tulou.services.identity.service.shares import check_room_for_principal
from tulou.services.identity.store import principals, tenants
from tulou.services.identity.store.principals import StoredPrincipal

OPERATOR = "operator"
DEVELOPER = "developer"


async def settle_owner(room: UseCaseContext, tx: Transaction, request: CreateKey, reach: RoleReach) -> None:
    """See to it that a key's owner exists; raise what says why the caller may not make a key for them."""
    await check_place(tx, request.tenant, request.project)
    if not reach.may("keys:write", request.tenant, request.project) and not reach.house:
        raise ForbiddenError(f"you may make no keys in project {request.project!r}", param="project")
    person = await principals.find(tx, request.tenant, request.principal)
    if person is None:
        await _make(room, tx, request, reach)
    else:
        _check(person.principal, request, reach)


async def check_place(tx: Transaction, tenant: str, project: str) -> None:
    """Raise `NotFoundError` for a tenant or a project that there is not."""
    if await tenants.find(tx, tenant) is None:
        raise NotFoundError(f"no tenant {tenant!r}; `tulou tenants list` shows those there are", param="tenant")
    if await tenants.find_project(tx, tenant, project) is None:
        words = f"no project {project!r} in tenant {tenant!r}; `tulou projects list` shows those there are"
        raise NotFoundError(words, param="project")


def _check(principal: Principal, request: CreateKey, reach: RoleReach) -> None:
    """Acting in somebody's name must give nothing that one may not do in one's own."""
    own = reach.is_caller(principal.tenant, principal.name)
    if principal.kind == "user" and not own and not reach.may("principals:write", principal.tenant):
        raise ForbiddenError(
            f"a key of {principal.name!r} is theirs to make; name a service instead", param="principal"
        )
    reach.check_hand_on(principal.tenant, [held for held in principal.roles if held.project in ("", request.project)])


async def _make(room: UseCaseContext, tx: Transaction, request: CreateKey, reach: RoleReach) -> None:
    await check_room_for_principal(room, tx, request.tenant)
    made = Principal(
        tenant=request.tenant,
        name=request.principal,
        kind="service",
        title="",
        email="",
        roles=(_role(request, reach),),
        attributes={},
        suspended="",
        created_at=room.clock.now(),
    )
    reach.check_hand_on(made.tenant, made.roles)
    await principals.add(tx, StoredPrincipal(principal=made))
    changed = PrincipalChanged(tenant=made.tenant, name=made.name)
    await room.outbox.add(tx, PRINCIPAL_CHANGED, changed, tenant=made.tenant)


def _role(request: CreateKey, reach: RoleReach) -> RoleBinding:
    """Return the widest role that the key needs and the caller may hand on."""
    operator = RoleBinding(role=OPERATOR)
    if "admin" in request.scopes and reach.house and reach.hands_on(request.tenant, operator):
        return operator
    wide = RoleBinding(role=DEVELOPER)
    return wide if reach.hands_on(request.tenant, wide) else RoleBinding(role=DEVELOPER, project=request.project)
