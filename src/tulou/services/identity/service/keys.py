"""Keys: made, listed, ended."""

from collections.abc import Sequence

from tulou.chassis.paging import check_limit, page_of
from tulou.contracts.identity.events import KEY_CREATED, KeyCreated
from tulou.contracts.identity.messages import (
    CreatedKey,
    CreateKey,
    Key,
    KeyPage,
    ListKeys,
    NameKey,
    Session,
)
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import ConflictError, ForbiddenError, NotFoundError, UnauthenticatedError
from tulou.kernel.ids import new_id
from tulou.ports.database import Transaction
from tulou.services.identity.domain.keys import check_create
from tulou.services.identity.domain.narrowing import check_within, makers_of
from tulou.services.identity.domain.reach import RoleReach
from tulou.services.identity.domain.secrets import NewSecret, new_key_secret
from tulou.services.identity.service.context import UseCaseContext
from tulou.services.identity.service.endings import end_keys
from tulou.services.identity.service.owners import settle_owner
from tulou.services.identity.service.shares import check_room_for_key
from tulou.services.identity.store import keys, principals, sessions
from tulou.services.identity.store.keys import StoredKey

SESSION_KEY_S = 3600.0


class ApiKeys:
    """Every key belongs to a principal, and to a project of its tenant."""

    def __init__(self, room: UseCaseContext) -> None:
        self._room = room

    async def create(self, request: CreateKey) -> CreatedKey:
        """Make a key; its secret is in the reply and nowhere else."""
        check_create(request, now=self._room.clock.now())
        reach = await self._room.reach()
        reach.check_tenant(request.tenant)
        try:
            return await self._create(request, reach)
        except ConflictError:  # the owner was made known by another process at the same moment
            return await self._create(request, reach)

    async def _create(self, request: CreateKey, reach: RoleReach) -> CreatedKey:
        async with self._room.database.transaction() as tx:
            if (maker := await _caller_key(tx)) is not None:
                check_within(request, maker)
            await settle_owner(self._room, tx, request, reach)
            return await self._add(tx, request, makers=makers_of(request, maker))

    async def create_for_session(self) -> CreatedKey:
        """Make the key of the session that asks, in place of the one before."""
        session_id = CONTEXT.get().session
        if not session_id:
            raise ForbiddenError("only somebody who has signed in needs such a key; yours asks models by itself")
        async with self._room.database.transaction() as tx:
            session = await sessions.find(tx, session_id)
            if session is None:
                raise UnauthenticatedError("this session has ended; sign in again")
            await end_keys(self._room, tx, await keys.of_sessions(tx, [session.id]))
            return await self._add(tx, self._of_session(session), session=session.id)

    async def key(self, request: NameKey) -> Key:
        """Return a key; raise `NotFoundError` for an unknown id."""
        reach = await self._room.reach()
        async with self._room.database.reading() as tx:
            return await _get(tx, request.id, reach, "keys:read")

    async def keys(self, request: ListKeys) -> KeyPage:
        """Return a page of keys; those that were revoked only when asked for."""
        check_limit(request.limit)
        reach = await self._room.reach()
        wanted = _within(request, tenant=reach.tenant(request.tenant))
        async with self._room.database.reading() as tx:
            found = await keys.page(tx, wanted, projects=reach.projects("keys:read"))
        page = page_of(found, request.limit, lambda key: key.id)
        return KeyPage(items=page.items, next=page.next)

    async def revoke(self, request: NameKey) -> Key:
        """End a key for ever; ending it twice is no error."""
        reach = await self._room.reach()
        async with self._room.database.transaction() as tx:
            await _get(tx, request.id, reach, "keys:write")
            await end_keys(self._room, tx, [request.id])
            return await _get(tx, request.id, reach, "keys:write")

    async def enable(self, request: NameKey) -> Key:
        """Let a disabled key in again; raise `ConflictError` for one that was revoked."""
        reach = await self._room.reach()
        async with self._room.database.transaction() as tx:
            key = await _get(tx, request.id, reach, "keys:write")
            if key.revoked_at is not None:
                raise ConflictError(f"{key.id} was revoked, and stays so; `tulou keys create` makes a new one")
            await self._check_enabling(tx, key, reach)
            if await keys.enable(tx, key.id):
                await self._room.outbox.add(tx, KEY_CREATED, KeyCreated(key=key.id), tenant=key.tenant)
            return await _get(tx, request.id, reach, "keys:write")

    async def _check_enabling(self, tx: Transaction, key: Key, reach: RoleReach) -> None:
        """Raise `ForbiddenError` for a key that may do more than who enables it, or than the key that asks."""
        if (asking := await _caller_key(tx)) is not None:
            check_within(key, asking)
        person = await principals.find(tx, key.tenant, key.principal)
        roles = person.principal.roles if person else ()
        reach.check_hand_on(key.tenant, [held for held in roles if held.project in ("", key.project)])

    async def _add(
        self, tx: Transaction, request: CreateKey, *, session: str = "", makers: tuple[str, ...] = ()
    ) -> CreatedKey:
        await check_room_for_key(self._room, tx, request.tenant)
        secret = new_key_secret()
        key = _new_key(request, secret, now=self._room.clock.now(), session=session, makers=makers)
        await keys.add(tx, StoredKey(key=key, digest=secret.digest), created_by=CONTEXT.get().principal)
        await self._room.outbox.add(tx, KEY_CREATED, KeyCreated(key=key.id), tenant=key.tenant)
        return CreatedKey(key=key, secret=secret.text)

    def _of_session(self, session: Session) -> CreateKey:
        return CreateKey(
            name="session",
            tenant=session.tenant,
            principal=session.principal,
            project=CONTEXT.get().project or "default",
            expires_at=min(self._room.clock.now() + SESSION_KEY_S, session.expires_at),
        )


def _new_key(request: CreateKey, secret: NewSecret, *, now: float, session: str, makers: tuple[str, ...]) -> Key:
    return Key(
        id=new_id("key"),
        name=request.name,
        prefix=secret.prefix,
        tenant=request.tenant,
        principal=request.principal,
        scopes=request.scopes,
        models=request.models,
        created_at=now,
        expires_at=request.expires_at,
        project=request.project,
        session=session,
        makers=makers,
    )


def _within(request: ListKeys, *, tenant: str) -> ListKeys:
    return ListKeys(
        limit=request.limit,
        after=request.after,
        revoked=request.revoked,
        tenant=tenant,
        project=request.project,
        principal=request.principal,
    )


async def _caller_key(tx: Transaction) -> Key | None:
    """Return the key that asks; None for a session, or for the house itself."""
    key_id = CONTEXT.get().key
    return await keys.find(tx, key_id) if key_id else None


async def _get(tx: Transaction, key_id: str, reach: RoleReach, permission: str) -> Key:
    """Return a key within reach; what is beyond it is not known here."""
    key = await keys.find(tx, key_id)
    if key is None or not reach.sees(key.tenant) or not _is_in(key, reach.projects(permission)):
        raise NotFoundError(f"no key {key_id!r}; `tulou keys list` shows those there are", param="id")
    return key


def _is_in(key: Key, projects: Sequence[str] | None) -> bool:
    return projects is None or key.project in projects
