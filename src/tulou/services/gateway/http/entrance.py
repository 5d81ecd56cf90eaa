"""How much of a body goes on to the control process: next to nothing of somebody whom nobody knows."""

from hashlib import sha256
from typing import NamedTuple

from starlette.types import Scope

from tulou.kernel.errors import TulouError
from tulou.services.gateway.http.arrival import Headers, secret_of
from tulou.services.gateway.refusals import BodyTooLargeError, ExpiredKeyError, MissingKeyError, WrongKeyError
from tulou.services.gateway.service import GatewayService

UNKNOWN_BYTES = 16 * 1024
"""What goes on of a body without a key that the gate knows: enough to sign in, or to use a key that is brand new."""

NO_KEY = "no key came with the request; send it as `Authorization: Bearer <key>`"


class BodyCap(NamedTuple):
    """How many bytes go on, and why no more; of a `stranger` the gate knows neither key nor session."""

    at_most: int
    refusal: TulouError
    stranger: bool = False


class ControlBodyLimit:
    """Looks at what is to go on to the control process, with the keys of the plan in force.

    Control has the last word on keys, and alone knows sessions; it looks before it reads. A key that was made a moment
    ago may be unknown here, so that a small body goes on with it.
    """

    def __init__(self, service: GatewayService) -> None:
        self._live = service.live
        self._clock = service.clock
        self._upload_bytes = service.settings.upload_bytes

    def administration(self, scope: Scope) -> BodyCap:
        """Return the cap of a request to routes of which some, such as signing in, ask for no key."""
        refusal = self._refusal(dict(scope["headers"]))
        return self._known if refusal is None else BodyCap(UNKNOWN_BYTES, refusal, stranger=True)

    def inference(self, scope: Scope) -> BodyCap:
        """Return the cap of a request to routes that all ask for a key; raise what is wrong with it."""
        refusal = self._refusal(dict(scope["headers"]))
        if refusal is not None:
            raise refusal
        return self._known

    @property
    def _known(self) -> BodyCap:
        most = self._upload_bytes
        return BodyCap(most, BodyTooLargeError(f"the upload is larger than {most} bytes; see [gateway] upload_bytes"))

    def _refusal(self, headers: Headers) -> TulouError | None:
        """Return why its sender is a stranger; a session is behind a cookie, and control knows whose."""
        plan, secret = self._live.plan, secret_of(headers)
        if plan is None:
            return None  # nobody is known yet
        if not secret:
            return None if b"cookie" in headers else MissingKeyError(NO_KEY)
        grant = plan.grants.get(sha256(secret).digest())
        if grant is None:
            return WrongKeyError("the key is unknown or was revoked; `tulou keys create` makes a new one")
        if grant.expires_at is not None and self._clock.now() >= grant.expires_at:
            return ExpiredKeyError("the key has expired; `tulou keys create` makes a new one")
        return None
