"""What the owner of a house is given when it starts: a way to sign in once, and a key that is always valid.

Both lie in the secret store, which only the owner of the machine can read.
"""

import secrets as randomness

import structlog

from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import (
    Authenticate,
    CreateKey,
    ListPrincipals,
    NamePrincipal,
    Principal,
    PutPrincipal,
    RoleBinding,
)
from tulou.kernel.errors import ForbiddenError, NotFoundError, TulouError, UnauthenticatedError
from tulou.ports.secrets import Secrets

log = structlog.get_logger()

ADMIN_KEY = "admin-key"
ADMIN_PASSWORD = "admin-password"  # noqa: S105 - the name of a secret
ADMIN_EMAIL = "admin@localhost"
TENANT, ADMIN = "default", "admin"

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 5, 4
"""20 letters that nobody misreads: 99 random bits."""


async def ensure_owner(identity: Identity, secrets: Secrets) -> None:
    """See to it that the owner can sign in, the first time, and has a valid key, every time."""
    try:
        await _ensure_password(identity, secrets)
    except TulouError as error:  # such as secrets that can only be read: who sets those, sets the key too
        log.warning("admin_password_not_made", error=str(error))
    await _ensure_key(identity, secrets)


async def _ensure_password(identity: Identity, secrets: Secrets) -> None:
    """Let the owner sign in as `admin`; whoever changes or removes that is not overruled later.

    A tenant without a single principal is that of a database that is new, whatever secrets are older than it.
    """
    told = await secrets.find(ADMIN_PASSWORD) is not None
    if told and await secrets.find(ADMIN_KEY) is not None and await _has_people(identity):
        return
    known = await _admin(identity)
    if known is not None and known.has_password:
        return
    password = (await secrets.create(ADMIN_PASSWORD, _new_password().encode())).decode()
    await identity.put_principal(
        PutPrincipal(
            tenant=TENANT,
            name=ADMIN,
            title=known.title if known else "Owner of the house",
            email=(known.email if known else "") or ADMIN_EMAIL,
            roles=known.roles if known else (RoleBinding(role="operator"),),
            attributes=known.attributes if known else {},
            suspended=known.suspended if known else "",
            password=password,
        )
    )


async def _ensure_key(identity: Identity, secrets: Secrets) -> None:
    """Keep a valid admin key where the command line of this machine's owner finds it."""
    stored = await secrets.find(ADMIN_KEY)
    if stored is not None:
        try:
            await identity.authenticate(Authenticate(secret=stored.decode()))
        except (UnauthenticatedError, ForbiddenError) as error:
            log.warning("admin_key_replaced", why=str(error))
        else:
            return
    made = await identity.create_key(CreateKey(name="first start", principal=ADMIN, scopes=("admin", "inference")))
    await secrets.put(ADMIN_KEY, made.secret.encode())


async def _has_people(identity: Identity) -> bool:
    return bool((await identity.principals(ListPrincipals(tenant=TENANT, limit=1))).items)


async def _admin(identity: Identity) -> Principal | None:
    try:
        return await identity.principal(NamePrincipal(tenant=TENANT, name=ADMIN))
    except NotFoundError:
        return None


def _new_password() -> str:
    groups = ("".join(randomness.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)
