"""The outermost stage, which asks whether this key may use this model."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from hashlib import sha256

from tulou.contracts.routing.messages import Grant
from tulou.kernel.clock import Clock
from tulou.rules.routing.ring import DigestedMap
from tulou.services.gateway.refusals import (
    BlockedError,
    DisabledKeyError,
    ExpiredKeyError,
    MissingKeyError,
    MissingScopeError,
    ModelForbiddenError,
    WrongKeyError,
)
from tulou.services.gateway.stack.call import Answer, Call, Stage

SCOPE = "inference"


class AdmissionStage:
    """Lets a call through whose key may use the route's model; the key itself is checked by `identify`, earlier."""

    def __init__(self, inner: Stage, model: str) -> None:
        self._inner = inner
        self._model = model

    async def __call__(self, call: Call) -> Answer:
        """Go on, or raise `ModelForbiddenError`."""
        check_permitted(call.grant, self._model)
        return await self._inner(call)


def check_permitted(grant: Grant, model: str) -> None:
    """Raise `ModelForbiddenError` for a key that may not use a model."""
    if "*" not in grant.models and not permits(grant, model):
        raise ModelForbiddenError(
            f"this key may not use {model!r}, only {', '.join(grant.models)}; ask for a key that may", param="model"
        )


def permits(grant: Grant, model: str) -> bool:
    """Say whether a key may use a model: by name, or by a pattern such as `demo-*`."""
    return any(pattern == model or fnmatchcase(model, pattern) for pattern in grant.models)


def identify(grants: Mapping[bytes, Grant], secret: bytes, *, clock: Clock) -> Grant:
    """Return what a secret grants; raise `MissingKeyError`, `WrongKeyError`, or what `valid` raises.

    Only digests are kept, and a digest is looked up whole, so that timing tells nothing about other keys.
    """
    if not secret:
        raise MissingKeyError("no key came with the request; send it as `Authorization: Bearer <key>`")
    grant = grants.get(sha256(secret).digest())
    if grant is None:
        raise WrongKeyError("the key is unknown or was revoked; `tulou keys create` makes a new one")
    return valid(grant, clock=clock)


def stand_in(keys: DigestedMap[Grant], key: str, *, clock: Clock) -> Grant:
    """Return what a key grants on whose behalf the house itself asks; raise `WrongKeyError`, or what `valid` raises."""
    grant = keys.find(key)
    if grant is None:
        raise WrongKeyError(f"the key {key!r}, on whose behalf the house asks, is unknown or was revoked")
    return valid(grant, clock=clock)


def valid(grant: Grant, *, clock: Clock) -> Grant:
    """Return a grant that may be used now; raise an error that names why it may not."""
    if grant.expires_at is not None and clock.now() >= grant.expires_at:
        raise ExpiredKeyError("the key has expired; `tulou keys create` makes a new one")
    if grant.blocked:
        if grant.disabled:
            raise DisabledKeyError(f"the key is disabled ({grant.blocked}); `tulou keys enable {grant.key}` lets it in")
        raise BlockedError(f"the key may do nothing now: {grant.blocked}; ask who runs the house")
    if SCOPE not in grant.scopes:
        raise MissingScopeError(f"the key has no scope {SCOPE!r}, only {', '.join(grant.scopes)}")
    return grant
