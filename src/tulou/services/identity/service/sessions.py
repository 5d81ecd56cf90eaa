"""Sessions: opened by whoever has proved who they are, listed, ended."""

from tulou.contracts.identity.messages import (
    EndSessions,
    ListSessions,
    NameSession,
    Session,
    SessionList,
    SignedIn,
)
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import ForbiddenError, NotFoundError
from tulou.kernel.ids import new_id
from tulou.kernel.message import Done
from tulou.ports.database import Transaction
from tulou.services.identity.domain.secrets import new_session_secret
from tulou.services.identity.domain.standing import is_over
from tulou.services.identity.service.context import UseCaseContext
from tulou.services.identity.service.endings import MOST, end_all_sessions, end_sessions
from tulou.services.identity.service.people import READ, WRITE, find
from tulou.services.identity.store import principals, sessions
from tulou.services.identity.store.principals import Owner

AGENT_CAP = 200
ADDRESS_CAP = 64
SWEEP = 500
FRESH_S = 600.0
"""How long after its sign-in a session may do what else asks for a proof once more."""


class Sessions:
    """A session's secret is kept as a SHA-256 alone, as a key's is."""

    def __init__(self, room: UseCaseContext) -> None:
        self._room = room

    async def open(self, tx: Transaction, opening: Session) -> SignedIn:
        """Open a session and say its secret; the oldest of too many ends for it."""
        owner = (opening.tenant, opening.principal)
        others = await sessions.of(tx, owner, limit=MOST)
        await end_sessions(self._room, tx, [old.id for old in others[self._room.settings.max_sessions - 1 :]])
        secret = new_session_secret()
        await sessions.add(tx, opening, digest=secret.digest)
        await principals.seen(tx, owner, at=opening.created_at)
        return SignedIn(
            secret=secret.text,
            session=opening.id,
            expires_at=opening.expires_at,
            secure=self._room.settings.secure,
        )

    def opening(self, owner: Owner, *, by: str, address: str, agent: str) -> Session:
        """Return a session that begins now."""
        now = self._room.clock.now()
        return Session(
            id=new_id("session"),
            tenant=owner[0],
            principal=owner[1],
            created_at=now,
            expires_at=now + self._room.settings.session_most_s,
            seen_at=now,
            address=_line(address, ADDRESS_CAP),
            agent=_line(agent, AGENT_CAP),
            by="oidc" if by == "oidc" else "password",
        )

    async def sign_out(self, request: NameSession) -> Done:
        """End a session; ending it twice is no error, ending somebody else's needs the right to.

        One of another tenant is to its asker as one that there is not, and stays.
        """
        async with self._room.database.reading() as tx:
            session = await sessions.find(tx, request.id)
        if session is None or not (await self._room.reach()).sees(session.tenant):
            return Done()
        await self._check(session.tenant, session.principal)
        async with self._room.database.transaction() as tx:
            await end_sessions(self._room, tx, [session.id])
        return Done()

    async def sessions(self, request: ListSessions) -> SessionList:
        """Return the sessions of a principal that are not over."""
        await self._check(request.tenant, request.principal, reading=True)
        now, idle_s = self._room.clock.now(), self._room.settings.session_idle_s
        async with self._room.database.reading() as tx:
            found = await sessions.of(tx, (request.tenant, request.principal), limit=MOST)
        return SessionList(items=tuple(one for one in found if not is_over(one, now=now, idle_s=idle_s)))

    async def end_all(self, request: EndSessions) -> Done:
        """Sign a principal out everywhere."""
        await self._check(request.tenant, request.principal)
        async with self._room.database.transaction() as tx:
            await end_all_sessions(self._room, tx, (request.tenant, request.principal), keep=request.keep)
        return Done()

    async def is_fresh(self, session_id: str) -> bool:
        """Say whether a session has only just been opened."""
        async with self._room.database.reading() as tx:
            session = await sessions.find(tx, session_id) if session_id else None
        return session is not None and self._room.clock.now() - session.created_at < FRESH_S

    async def sweep(self) -> int:
        """Remove sessions that are over; return how many."""
        now = self._room.clock.now()
        async with self._room.database.transaction() as tx:
            idle_since = now - self._room.settings.session_idle_s
            over = await sessions.ended(tx, now=now, idle_since=idle_since, limit=SWEEP)
            await end_sessions(self._room, tx, over)
        return len(over)

    async def _check(self, tenant: str, principal: str, *, reading: bool = False) -> None:
        """Raise unless the caller is the principal, or keeps the people of its tenant and may do as much as it."""
        who = CONTEXT.get()
        if (tenant, principal) == (who.tenant, who.principal):
            return
        reach = await self._room.reach()
        if not reach.sees(tenant) or (reading and reach.projects(READ) is not None):
            raise NotFoundError("no such session; `tulou people sessions NAME` shows those there are", param="id")
        if reading:
            return
        if reach.projects(WRITE) is not None:
            raise ForbiddenError("this session is somebody else's; administrators of the tenant may end it")
        async with self._room.database.reading() as tx:
            held = (await find(tx, tenant, principal)).principal.roles
        reach.check_hand_on(tenant, held)


def _line(text: str, most: int) -> str:
    """Return what fits a column of what a client said of itself."""
    return "".join(letter for letter in text[: most * 2] if letter.isprintable())[:most]
