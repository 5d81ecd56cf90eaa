"""Who calls: looked up once a request, whoever asks first."""

from starlette.requests import Request

from tulou.chassis.rest.callers import Authenticator, secret_of
from tulou.chassis.rest.denials import Denials
from tulou.contracts.identity.messages import Authenticate, Identified
from tulou.kernel.context import KeyActor, Person, SessionActor
from tulou.kernel.errors import UnauthenticatedError

IDENTIFIED = "tulou.identified"
"""Where a request's scope remembers who calls."""


def actor_of(identified: Identified) -> Person:
    """Return who acts with what was brought: a session, else a key."""
    tenant, principal = identified.tenant, identified.principal
    if identified.session:
        return SessionActor(tenant=tenant, principal=principal, id=identified.session)
    return KeyActor(tenant=tenant, principal=principal, id=identified.key)


class Identification:
    """Knows callers by what they bring, and counts keys that nobody knows."""

    def __init__(self, authenticate: Authenticator, denials: Denials) -> None:
        self._authenticate = authenticate
        self._denials = denials

    async def __call__(self, request: Request) -> Identified:
        """Return who calls; raise what `secret_of` raises, and for a key that nobody knows what `Denials` answers."""
        known: Identified | None = request.scope.get(IDENTIFIED)
        if known is not None:
            return known
        secret = secret_of(request)
        try:
            known = request.scope[IDENTIFIED] = await self._authenticate(Authenticate(secret=secret))
        except UnauthenticatedError as error:
            raise self._denials.unknown(request, error) from error
        return known
