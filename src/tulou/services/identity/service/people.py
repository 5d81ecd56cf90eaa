"""Principals: people and programs, what they are called, and which roles they hold."""

from dataclasses import replace

from tulou.chassis.cascade import RemovedResource
from tulou.chassis.paging import check_limit, page_of
from tulou.contracts.identity.events import PRINCIPAL_CHANGED, PrincipalChanged
from tulou.contracts.identity.messages import (
    ListPrincipals,
    NamePrincipal,
    Principal,
    PrincipalPage,
    PutPrincipal,
)
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tulou.kernel.message import Done
from tulou.ports.database import Transaction
from tulou.services.identity.domain.names import check_attributes, check_line, check_name, email_of
from tulou.services.identity.domain.narrowing import is_narrow
from tulou.services.identity.domain.reach import RoleReach
from tulou.services.identity.service.context import UseCaseContext
from tulou.services.identity.service.deletions import PrincipalDeletions, restored
from tulou.services.identity.service.endings import end_all_sessions
from tulou.services.identity.service.owners import check_place
from tulou.services.identity.service.passwords import Passwords
from tulou.services.identity.service.shares import check_room_for_principal
from tulou.services.identity.store import deleted, keys, principals, proofs
from tulou.services.identity.store.principals import Owner, StoredPrincipal

ROLES_CAP = 100
READ, WRITE = "principals:read", "principals:write"


class People:
    """Nobody changes somebody who may do more, and nobody hands on what they do not have."""

    def __init__(self, room: UseCaseContext, passwords: Passwords) -> None:
        self._room = room
        self._passwords = passwords
        self.deletions = PrincipalDeletions(room)

    async def principal(self, request: NamePrincipal) -> Principal:
        """Return a principal; raise `NotFoundError` for an unknown one."""
        reach = await self._room.reach()
        reach.check_tenant(request.tenant)
        async with self._room.database.reading() as tx:
            found = (await find(tx, request.tenant, request.name)).principal
        if not _is_near(found, reach):
            raise unknown(request.tenant, request.name)
        return found

    async def principals(self, request: ListPrincipals) -> PrincipalPage:
        """Return a page of principals."""
        check_limit(request.limit)
        reach = await self._room.reach()
        tenant = reach.tenant(request.tenant)
        async with self._room.database.reading() as tx:
            after = _after(request.after, tenant)
            found = await principals.page(tx, tenant, after=after, limit=request.limit + 1, at=reach.projects(READ))
        page = page_of(found, request.limit, lambda principal: _mark(principal, tenant))
        return PrincipalPage(items=page.items, next=page.next)

    async def put(self, request: PutPrincipal) -> Principal:
        """Make or change a principal."""
        wanted = checked(request)
        reach = await self._reach(request.tenant)
        reach.check_known(wanted.roles)
        reach.check_hand_on(wanted.tenant, wanted.roles)
        await self._check_password(request)
        hashed = await self._hashed(request, wanted)
        async with self._room.database.transaction() as tx:
            for project in {binding.project for binding in wanted.roles} | {"default"}:
                await check_place(tx, wanted.tenant, project or "default")
            before = await principals.find(tx, wanted.tenant, wanted.name)
            if before is None:
                came = await self._add(tx, wanted, hashed, request)
            else:
                came = []
                await self._change(tx, before, wanted, hashed, reach)
            await self._tell(tx, (wanted.tenant, wanted.name))
            made = (await find(tx, wanted.tenant, wanted.name)).principal
        await self._room.tell_cascade(came)
        return made

    async def delete(self, request: NamePrincipal) -> Done:
        """Remove a principal, with its sessions and keys; it and its keys may come back for a while."""
        reach = await self._reach(request.tenant)
        owner = _other(request, reach, "remove")
        async with self._room.database.transaction() as tx:
            person = await find(tx, *owner)
            reach.check_hand_on(request.tenant, person.principal.roles)
            went = await self.deletions.delete(tx, person)
            await self._tell(tx, owner)
        await self._room.tell_cascade(went)
        return Done()

    async def erase(self, request: NamePrincipal) -> Done:
        """Remove a principal for ever; raise `NotFoundError` where there is none, nor one that was deleted."""
        reach = await self._reach(request.tenant)
        owner = _other(request, reach, "erase")
        async with self._room.database.transaction() as tx:
            went: list[RemovedResource] = []
            if not await deleted.of_owner(tx, owner) or await principals.find(tx, *owner) is not None:
                person = await find(tx, *owner)
                reach.check_hand_on(request.tenant, person.principal.roles)
                went = await self.deletions.delete(tx, person)
                await self._tell(tx, owner)
            await self.deletions.erase(tx, owner)
        await self._room.tell_cascade(went)
        return Done()

    async def _add(
        self, tx: Transaction, wanted: Principal, hashed: str | None, request: PutPrincipal
    ) -> list[RemovedResource]:
        """Insert a principal, and bring back the keys of the one that it is asked to be; return those."""
        await check_room_for_principal(self._room, tx, wanted.tenant)
        await _check_email(tx, wanted)
        former = await self.deletions.former(tx, request)
        made = replace(wanted, created_at=self._room.clock.now())
        await principals.add(
            tx, StoredPrincipal(principal=restored(made, former) if former else made, password=hashed or "")
        )
        return await self.deletions.bring_back(tx, former, whole=request.whole) if former else []

    async def _change(
        self, tx: Transaction, before: StoredPrincipal, wanted: Principal, hashed: str | None, reach: RoleReach
    ) -> None:
        reach.check_hand_on(wanted.tenant, before.principal.roles)
        if wanted.suspended and reach.is_caller(*before.owner):
            raise ConflictError("you would suspend yourself; ask somebody else to")
        await _check_email(tx, wanted)
        await principals.put(tx, wanted)
        if hashed is not None:
            await proofs.set_password(tx, before.owner, hashed)
            await end_all_sessions(self._room, tx, before.owner)

    async def _reach(self, tenant: str) -> RoleReach:
        """Return how far the caller reaches; raise `ForbiddenError` unless it keeps the people of this tenant."""
        reach = await self._room.reach()
        reach.check_tenant(tenant)
        if reach.projects(WRITE) is not None:
            raise ForbiddenError("you keep no more than a project of this tenant; its administrators keep its people")
        return reach

    async def _check_password(self, request: PutPrincipal) -> None:
        """Raise `ForbiddenError` where a password would outlive, or reach beyond, the key that sets it."""
        if request.password is None or not (key_id := CONTEXT.get().key):
            return
        async with self._room.database.reading() as tx:
            key = await keys.find(tx, key_id)
        if key is not None and is_narrow(key):
            raise ForbiddenError(
                "a key that expires, or is for some models alone, sets no password: who signs in makes keys beyond it",
                param="password",
            )

    async def _hashed(self, request: PutPrincipal, wanted: Principal) -> str | None:
        if request.password is None:
            return None
        if not wanted.email:
            raise InvalidError("who has a password signs in with an e-mail address; give one", param="email")
        return await self._passwords.hashed(request.password, about=(wanted.name, *wanted.email.split("@")))

    async def _tell(self, tx: Transaction, owner: Owner) -> None:
        changed = PrincipalChanged(tenant=owner[0], name=owner[1])
        await self._room.outbox.add(tx, PRINCIPAL_CHANGED, changed, tenant=owner[0])


async def find(tx: Transaction, tenant: str, name: str) -> StoredPrincipal:
    """Return a principal; raise `NotFoundError` for an unknown one."""
    person = await principals.find(tx, tenant, name)
    if person is None:
        raise unknown(tenant, name)
    return person


def unknown(tenant: str, name: str) -> NotFoundError:
    """Return the error for somebody who is not there, or not within reach."""
    words = f"no principal {name!r} in tenant {tenant!r}; `tulou people list` shows those there are"
    return NotFoundError(words, param="name")


def _is_near(found: Principal, reach: RoleReach) -> bool:
    """Say whether somebody has a role at a project that the caller sees; whoever sees the tenant sees everybody."""
    projects = reach.projects(READ)
    if projects is None or reach.is_caller(found.tenant, found.name):
        return True
    return any(binding.project in projects for binding in found.roles)


async def _check_email(tx: Transaction, wanted: Principal) -> None:
    other = await principals.find_by_email(tx, wanted.tenant, wanted.email) if wanted.email else None
    if other is not None and other.owner != (wanted.tenant, wanted.name):
        raise ConflictError(f"{wanted.email} belongs to another principal of this tenant", param="email")


def _other(request: NamePrincipal, reach: RoleReach, verb: str) -> Owner:
    """Return which principal is meant; raise `ConflictError` for the caller."""
    if reach.is_caller(request.tenant, request.name):
        raise ConflictError(f"you would {verb} yourself; ask somebody else to")
    return (request.tenant, request.name)


def checked(request: PutPrincipal) -> Principal:
    """Return who is wanted; raise `InvalidError` naming what of them cannot be."""
    check_name("tenant", request.tenant)
    check_name("name", request.name)
    check_line("title", request.title)
    check_line("suspended", request.suspended)
    check_attributes(request.attributes)
    if len(request.roles) > ROLES_CAP:
        raise InvalidError(f"roles has {len(request.roles)} entries; it may have {ROLES_CAP}", param="roles")
    return Principal(
        tenant=request.tenant,
        name=request.name,
        kind=request.kind,
        title=request.title,
        email=email_of(request.email) if request.email else "",
        roles=tuple(dict.fromkeys(request.roles)),
        attributes=request.attributes,
        suspended=request.suspended,
        created_at=0.0,
    )


def _after(mark: str, tenant: str) -> Owner:
    """Return the principal that was seen last; over all tenants a mark is `<tenant>/<name>`."""
    if tenant or not mark:
        return (tenant, mark)
    before, _, name = mark.partition("/")
    return (before, name)


def _mark(principal: Principal, tenant: str) -> str:
    return principal.name if tenant else f"{principal.tenant}/{principal.name}"
