"""The master key over REST: what needs which key, a new key, and everything wrapped with the newest.

Sealed texts lie in tables of several services, so that none of them could do this for all.
"""

import structlog
from fastapi import APIRouter

from tulou.assembly.sealed import wrapped_anew
from tulou.chassis.rest.declared import permits
from tulou.chassis.rewrapping import Rewrapped
from tulou.kernel.errors import TulouError
from tulou.ports.database import Database
from tulou.ports.master_key import MasterKey

log = structlog.get_logger()


async def warn_of_lost_keys(database: Database, master: MasterKey) -> None:
    """Say in the log which master keys are lost, or are away, that sealed secrets need."""
    try:
        found = await wrapped_anew(database, master, only_look=True)
    except TulouError as error:
        log.warning("sealed_secrets_not_looked_at", error=str(error))
        return
    for key, why in found.lost.items():
        log.error("master_key_lost", key=key, secrets=found.keys[key], why=why)


def vault_routes(database: Database, master: MasterKey) -> APIRouter:
    """Return the routes under `/api/v1/vault`; governance lets roles of the house use them, and no others."""
    router = APIRouter(prefix="/api/v1/vault", tags=["vault"])

    @router.get("", openapi_extra=permits("vault:read", "vault"))
    async def sealed() -> Rewrapped:
        """Count what is sealed, by the master key that it needs."""
        return await wrapped_anew(database, master, only_look=True)

    @router.post("/rotate", openapi_extra=permits("vault:write", "vault", "rotate"))
    async def rotate_master_key() -> Rewrapped:
        """Make a new master key and wrap every data key with it; older keys stay, since older backups need them."""
        return await wrapped_anew(database, master, rotate=True)

    @router.post("/rewrap", openapi_extra=permits("vault:write", "vault", "rewrap"))
    async def rewrap_secrets() -> Rewrapped:
        """Wrap every data key with the newest master key, which was made elsewhere."""
        return await wrapped_anew(database, master)

    return router
