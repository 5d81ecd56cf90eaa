"""Anybody's sessions over REST."""

from fastapi import APIRouter

from tulou.chassis.rest.declared import permits
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import NameSession
from tulou.kernel.message import Done


def routes(identity: Identity) -> APIRouter:
    """Return the routes `/sessions`."""
    router = APIRouter()

    @router.delete("/sessions/{session_id}", openapi_extra=permits("sessions:write", "session", "{session_id}"))
    async def end_session(session_id: str) -> Done:
        """End a session, with the key that was made for it."""
        return await identity.sign_out(NameSession(id=session_id))

    _ = end_session
    return router
