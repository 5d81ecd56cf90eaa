"""Says in a header of every answer which route it was asked of."""

from tulou.gateway.stage import Answer, Blueprint, Call, Stage

HEADER = b"x-example-route"


class Tag:
    """Changes the head of an answer alone, so it needs nothing around the body."""

    def __init__(self, inner: Stage, value: bytes) -> None:
        self._inner = inner
        self._value = value

    async def __call__(self, call: Call) -> Answer:
        """Go on, and write the header."""
        answer = await self._inner(call)
        answer.headers.append((HEADER, self._value))
        return answer


def build(plan: Blueprint, inner: Stage) -> Stage:
    """Return the stage of one route: what is the same for each request is worked out here."""
    return Tag(inner, plan.route.model.encode("ascii", "replace"))
