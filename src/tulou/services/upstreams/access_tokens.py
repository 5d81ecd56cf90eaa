"""Access tokens of service accounts: asked for once, kept, and renewed long before they end."""

import asyncio
from dataclasses import dataclass
from hashlib import sha256

import msgspec
import structlog

from tulou.kernel.clock import Clock
from tulou.kernel.errors import InvalidError, TulouError, UnavailableError
from tulou.kernel.numbers import bounded_float
from tulou.ports.token_endpoint import TokenEndpoint, TokenReply
from tulou.services.upstreams.domain.service_account import GRANT, ServiceAccount, assertion

EXCHANGE_S = 10.0
MOST = 1_000
"""Accounts whose tokens are kept; the one that was asked for longest ago gives way."""

TOKEN_CAP = 8_192
LONGEST_S, UNSAID_S = 86_400.0, 300.0
"""How long a token is taken to last at most, and where its giver does not say."""

FRESH_S = 60.0
"""A token that is refused so soon was not refused for its age."""

AGAIN_S, AGAIN_MOST_S = 5.0, 120.0
"""Pauses after a refusal: each look at an upstream asks for a token, and a giver that refuses is not asked by all."""

OK, REFUSED = 200, frozenset(range(400, 500)) - {408, 425, 429}

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class _Reply(msgspec.Struct):
    access_token: str = ""
    token_type: str = ""
    expires_in: object = None
    error: object = None


@dataclass(slots=True)
class _Kept:
    """What is known of one credential; times are monotonic. `asking` is the one who asks for all."""

    digest: bytes
    token: str = ""
    made_at: float = 0.0
    ends_at: float = 0.0
    failures: int = 0
    again_at: float = 0.0
    why: TulouError | None = None
    asking: asyncio.Task[None] | None = None


class AccessTokens:
    """By credential. All who want one at the same time wait for one answer; each may leave without ending that."""

    def __init__(self, endpoint: TokenEndpoint, *, clock: Clock) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    async def token(self, credential: str, account: ServiceAccount) -> str:
        """Return a token that lasts; raise `InvalidError` for a refused account, `UnavailableError` without answer.

        It is renewed when half of its life is over: whoever has it goes on for as long again without us.
        """
        kept, now = self._of(credential, account), self._clock.monotonic()
        if not kept.token or now - kept.made_at >= (kept.ends_at - kept.made_at) / 2:
            await self._renew(kept, account, now)
        if kept.token and self._clock.monotonic() < kept.ends_at:
            return kept.token
        raise kept.why or UnavailableError(f"no token for {account.email}")

    def forget(self, credential: str) -> bool:
        """Forget a token that somebody refused; say whether there was one that its age may have been refused for."""
        kept = self._kept.get(credential)
        if kept is None or not kept.token or self._clock.monotonic() - kept.made_at < FRESH_S:
            return False
        del self._kept[credential]
        return True

    async def close(self) -> None:
        """Ask no more."""
        asking = [kept.asking for kept in self._kept.values() if kept.asking is not None]
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    def _of(self, credential: str, account: ServiceAccount) -> _Kept:
        digest = sha256(repr(tuple(account)).encode()).digest()
        kept = self._kept.pop(credential, None)
        if kept is None or kept.digest != digest:
            kept = _Kept(digest)
        self._kept[credential] = kept
        if len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]
        return kept

    async def _renew(self, kept: _Kept, account: ServiceAccount, now: float) -> None:
        if kept.asking is None:
            if now < kept.again_at:
                return
            kept.asking = asyncio.create_task(self._ask(kept, account), name=f"token of {account.email}")
        await asyncio.shield(kept.asking)

    async def _ask(self, kept: _Kept, account: ServiceAccount) -> None:
        try:
            form = {
                "grant_type": GRANT,
                "assertion": await asyncio.to_thread(assertion, account, at=self._clock.now()),
            }
            began = self._clock.monotonic()
            reply = await self._endpoint.exchange(account.token_uri, form, timeout_s=EXCHANGE_S)
            kept.token, lasts_s = _read(reply, account)
            kept.made_at, kept.ends_at = began, began + lasts_s
            kept.failures, kept.again_at, kept.why = 0, 0.0, None
            log.info("access_token_given", account=account.email, lasts_s=lasts_s)
        except TulouError as error:
            pause = min(AGAIN_S * 2.0 ** min(kept.failures, 16), AGAIN_MOST_S)
            kept.failures, kept.again_at, kept.why = kept.failures + 1, self._clock.monotonic() + pause, error
            log.warning("access_token_not_given", account=account.email, error=str(error), again_in_s=pause)
        finally:
            kept.asking = None


def _read(reply: TokenReply, account: ServiceAccount) -> tuple[str, float]:
    """Return a token and how many seconds it lasts."""
    try:
        said = msgspec.json.decode(reply.body, type=_Reply)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        said = _Reply()
    if reply.status in REFUSED:
        why = said.error if isinstance(said.error, str) else ""
        words = why if why.isascii() and why.replace("_", "").isalnum() and len(why) <= 64 else str(reply.status)  # noqa: PLR2004 - longer than any code
        raise InvalidError(f"the service account {account.email} was refused ({words}); give it another key")
    token = said.access_token
    good = reply.status == OK and 0 < len(token) <= TOKEN_CAP and token.isascii() and token.isprintable()
    if not good or " " in token or said.token_type.lower() not in ("", "bearer"):
        raise UnavailableError(f"the answer to {account.email} is no token (status {reply.status})")
    return token, bounded_float(said.expires_in, least=1.0, most=LONGEST_S) or UNSAID_S
