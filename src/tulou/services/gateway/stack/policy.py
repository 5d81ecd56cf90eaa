"""The stage that asks whether roles and policies let a call's principal use the model."""

import msgspec

from tulou.chassis.rights.entities import moment
from tulou.chassis.rights.gaze import WHOLE
from tulou.contracts.governance.messages import Attribute
from tulou.kernel.clock import Clock
from tulou.services.gateway.policy.judge import Judge
from tulou.services.gateway.stack.call import Answer, Call, Completions

NOTHING: dict[str, Attribute] = {}
SIZED = frozenset({"tokens", WHOLE})
"""Only for these is the body read once more."""


class Asked(msgspec.Struct):
    """How much of an answer a request asks for, in the words of every dialect."""

    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    max_output_tokens: int | None = None


_BODY = msgspec.json.Decoder(Asked)


class Policy:
    """Lets a call through whose caller may use the route's model; what it falls back to is the route's business."""

    def __init__(self, inner: Completions, judge: Judge, model: str, *, clock: Clock) -> None:
        self._inner = inner
        self._judge = judge
        self._model = model
        self._clock = clock

    async def __call__(self, call: Call) -> Answer:
        """Go on, or raise `PolicyDeniedError`."""
        context = self._told_of(call) if self._judge.looks_at else NOTHING
        self._judge.check(call.grant, self._model, context)
        return await self._inner(call)

    def _told_of(self, call: Call) -> dict[str, Attribute]:
        told = moment(self._clock.now()) | {"endpoint": call.endpoint, "stream": call.stream, "batch": call.batch}
        if call.address:
            told["address"] = call.address
        if not self._judge.looks_at.isdisjoint(SIZED) and (tokens := tokens_asked(call.body)) is not None:
            told["tokens"] = tokens
        return told


def tokens_asked(body: bytes) -> int | None:
    """Return the most tokens that a request wants for its answer; None where it does not say."""
    try:
        asked = _BODY.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    said = (asked.max_tokens, asked.max_completion_tokens, asked.max_output_tokens)
    return max((tokens for tokens in said if tokens is not None), default=None)
