"""The one who asks, over REST: who, what they may, and what proves that it is they."""

from fastapi import APIRouter
from starlette.requests import Request

from tulou.chassis.rest.declared import known
from tulou.chassis.rest.notes import note_made
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import (
    BeginSecondFactor,
    ChangePassword,
    ConfirmSecondFactor,
    CreatedKey,
    CreateSessionKey,
    EndSessions,
    GetMe,
    ListSessions,
    Me,
    NameSession,
    RecoveryCodes,
    RemoveSecondFactor,
    SecondFactor,
    SessionList,
)
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import ForbiddenError, NotFoundError
from tulou.kernel.message import Done, message


@message
class Code:
    """Six digits of an authenticator."""

    code: str


@message
class NewPassword:
    """A password, and the one it replaces."""

    password: str
    old: str = ""


def routes(identity: Identity) -> APIRouter:
    """Return the routes `/me`."""
    router = APIRouter()

    @router.get("/me", openapi_extra=known("me"))
    async def get_me() -> Me:
        """Say who you are to this house, and what you may do."""
        return await identity.me(GetMe())

    @router.post("/me/key", status_code=201, openapi_extra=known("me", "key"))
    async def create_my_key(request: Request) -> CreatedKey:
        """Make a key to ask models with: it lives an hour, ends with your session, and replaces the one before."""
        created = await identity.create_session_key(CreateSessionKey())
        note_made(request, created.key.id)
        return created

    @router.put("/me/password", openapi_extra=known("me", "password"))
    async def change_my_password(body: NewPassword) -> Done:
        """Change your password; your other sessions end."""
        return await identity.change_password(ChangePassword(old=body.old, password=body.password))

    @router.get("/me/sessions", openapi_extra=known("me", "sessions"))
    async def list_my_sessions() -> SessionList:
        """Return your sessions, newest first."""
        tenant, principal = _signed_in()
        return await identity.sessions(ListSessions(tenant=tenant, principal=principal))

    @router.delete("/me/sessions", openapi_extra=known("me", "sessions"))
    async def end_my_other_sessions() -> Done:
        """End all your sessions but this one."""
        tenant, principal = _signed_in()
        keep = CONTEXT.get().session
        return await identity.end_sessions(EndSessions(tenant=tenant, principal=principal, keep=keep))

    @router.delete("/me/sessions/{session_id}", openapi_extra=known("me", "sessions/{session_id}"))
    async def end_my_session(session_id: str) -> Done:
        """End one of your sessions."""
        tenant, principal = _signed_in()
        mine = await identity.sessions(ListSessions(tenant=tenant, principal=principal))
        if session_id not in {session.id for session in mine.items}:
            raise NotFoundError(f"you have no session {session_id!r}", param="session_id")
        return await identity.sign_out(NameSession(id=session_id))

    _ = (get_me, create_my_key, change_my_password, list_my_sessions, end_my_other_sessions, end_my_session)
    _add_second_factor(router, identity)
    return router


def _add_second_factor(router: APIRouter, identity: Identity) -> None:
    @router.post("/me/second-factor", openapi_extra=known("me", "second-factor"))
    async def begin_second_factor() -> SecondFactor:
        """Make the secret of an authenticator; it is asked for once a code has confirmed it."""
        tenant, principal = _signed_in()
        return await identity.begin_second_factor(BeginSecondFactor(tenant=tenant, principal=principal))

    @router.post("/me/second-factor/confirm", openapi_extra=known("me", "second-factor/confirm"))
    async def confirm_second_factor(body: Code) -> RecoveryCodes:
        """Ask for this authenticator from now on; the reply has codes that replace it once each."""
        tenant, principal = _signed_in()
        wanted = ConfirmSecondFactor(tenant=tenant, principal=principal, code=body.code)
        return await identity.confirm_second_factor(wanted)

    @router.delete("/me/second-factor", openapi_extra=known("me", "second-factor"))
    async def remove_second_factor(code: str = "") -> Done:
        """Do without an authenticator: within ten minutes of signing in, later with a code of it."""
        tenant, principal = _signed_in()
        return await identity.remove_second_factor(RemoveSecondFactor(tenant=tenant, principal=principal, code=code))

    _ = (begin_second_factor, confirm_second_factor, remove_second_factor)


def _signed_in() -> tuple[str, str]:
    """Return whose session asks; raise `ForbiddenError` for a key: what it opens ends at what it is for."""
    who = CONTEXT.get()
    if not who.session:
        raise ForbiddenError("this is for people who have signed in; a key cannot")
    return who.tenant, who.principal
