"""What is kept of principals that were deleted, brought back, and at last removed for ever."""

from dataclasses import replace
from hashlib import sha256

from tulou.chassis.cascade import RemovedResource, Way
from tulou.chassis.paging import check_limit
from tulou.chassis.reach import caller
from tulou.contracts.identity.deletions import (
    DeletedPrincipal,
    DeletedPrincipals,
    ErasedPrincipals,
    ListDeleted,
    ListErased,
)
from tulou.contracts.identity.events import KEY_CREATED, KEY_REVOKED, KeyCreated, KeyRevoked
from tulou.contracts.identity.messages import Principal, PutPrincipal
from tulou.kernel.errors import ConflictError, LimitedError
from tulou.kernel.ids import new_id
from tulou.ports.database import Transaction
from tulou.services.identity.service.context import UseCaseContext
from tulou.services.identity.service.endings import end_all_sessions
from tulou.services.identity.store import deleted, keys, principals
from tulou.services.identity.store.deleted import Deletion
from tulou.services.identity.store.principals import Owner, StoredPrincipal

DAY_S = 86_400.0
SWEEP = 100
BACK = "it came back with its owner, who had been deleted"
HOUSE = "house"


class PrincipalDeletions:
    """Passwords, second factors and sessions are not kept: who comes back proves anew that it is they."""

    def __init__(self, room: UseCaseContext) -> None:
        self._room = room

    async def delete(self, tx: Transaction, person: StoredPrincipal) -> list[RemovedResource]:
        """Remove a principal that may come back, end its sessions and keys; return what went with it."""
        owner, now = person.owner, self._room.clock.now()
        deletion = Deletion(id=new_id("del"), principal=person.principal, deleted_at=now, deleted_by=_caller())
        await end_all_sessions(self._room, tx, owner)
        ended = await keys.revoke_with(tx, *owner, deletion=deletion.id, at=now)
        for key in ended:
            await self._room.outbox.add(tx, KEY_REVOKED, KeyRevoked(key=key))
        await deleted.add(tx, deletion)
        await principals.remove(tx, owner)
        return [_went(key, owner, "delete", revoked=True) for key in ended]

    async def former(self, tx: Transaction, request: PutPrincipal) -> Deletion | None:
        """Return who is asked to come back, None where nobody of that name was deleted since.

        Raise `ConflictError` for somebody who was erased.
        """
        if request.restore is None:
            return None
        digest = digest_of(request.name)
        if (request.tenant, digest) in await deleted.erased(tx, [digest], since=request.restore):
            name = f"{request.tenant}/{request.name}"
            raise ConflictError(f"{name} was erased, and does not come back; make somebody new by hand", param="name")
        return await deleted.bearer(tx, (request.tenant, request.name), at=request.restore)

    async def bring_back(self, tx: Transaction, deletion: Deletion, *, whole: bool) -> list[RemovedResource]:
        """Let a principal that was made again have its keys, disabled unless it comes back `whole`; return those."""
        owner = (deletion.principal.tenant, deletion.principal.name)
        ids = await keys.gone_with(tx, deletion.id)
        now, most = self._room.clock.now(), self._room.settings.max_keys
        if await keys.count_valid(tx, now=now) + len(ids) > most:
            raise LimitedError(f"{len(ids)} keys come back and there may be {most} ([identity] max_keys); revoke some")
        await keys.bring_back(tx, deletion.id, disabled="" if whole else BACK)
        await deleted.forget(tx, [deletion.id])
        for key in ids:
            await self._room.outbox.add(tx, KEY_CREATED, KeyCreated(key=key), tenant=owner[0])
        return [_went(key, owner, "create", disabled=not whole) for key in ids]

    async def listed(self, request: ListDeleted) -> DeletedPrincipals:
        """Return those within reach who may come back."""
        check_limit(request.limit)
        tenant = (await self._room.reach()).tenant(request.tenant)
        kept_s = self._room.settings.keep_deleted_days * DAY_S
        async with self._room.database.reading() as tx:
            found = await deleted.listed(tx, replace(request, tenant=tenant))
            counts = await deleted.count_keys(tx, {one.id for one in found})
        return DeletedPrincipals(items=tuple(_shown(one, counts.get(one.id, 0), kept_s) for one in found))

    async def erase(self, tx: Transaction, owner: Owner) -> None:
        """Forget all that is kept of a principal, and that it must not come back."""
        await deleted.forget(tx, await deleted.of_owner(tx, owner))
        await deleted.erase(tx, owner[0], digest_of(owner[1]), at=self._room.clock.now())

    async def erased(self, request: ListErased) -> ErasedPrincipals:
        """Return those of some names whose bearers were erased."""
        asked = {name: (name.partition("/")[0], digest_of(name.partition("/")[2])) for name in request.names}
        async with self._room.database.reading() as tx:
            gone = await deleted.erased(tx, {digest for _, digest in asked.values()}, since=request.since)
        return ErasedPrincipals(names=tuple(name for name, place in asked.items() if place in gone))

    async def sweep(self) -> int:
        """Remove for ever what was deleted longer ago than it is kept; return how many."""
        before = self._room.clock.now() - self._room.settings.keep_deleted_days * DAY_S
        async with self._room.database.transaction() as tx:
            over = await deleted.older(tx, than=before, limit=SWEEP)
            await deleted.forget(tx, over)
        return len(over)


def digest_of(name: str) -> str:
    """Return what is kept of the name of somebody who was erased."""
    return sha256(name.encode()).hexdigest()


def restored(wanted: Principal, former: Deletion) -> Principal:
    """Return a principal as declared, with what only the former one knew: since when, and whom a provider means."""
    return replace(wanted, created_at=former.principal.created_at, subject=former.principal.subject)


def _caller() -> str:
    person = caller().person
    return f"{person.tenant}/{person.principal}" if person else HOUSE


def _shown(deletion: Deletion, count: int, kept_s: float) -> DeletedPrincipal:
    return DeletedPrincipal(
        id=deletion.id,
        tenant=deletion.principal.tenant,
        name=deletion.principal.name,
        kind=deletion.principal.kind,
        deleted_at=deletion.deleted_at,
        deleted_by=deletion.deleted_by,
        kept_until=deletion.deleted_at + kept_s,
        keys=count,
    )


def _went(key: str, owner: Owner, way: Way, **facts: bool) -> RemovedResource:
    return RemovedResource(
        noun="keys", name=key, way=way, detail={"with": f"principals/{owner[0]}/{owner[1]}", **facts}
    )
