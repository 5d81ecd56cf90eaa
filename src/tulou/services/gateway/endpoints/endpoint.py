"""What an endpoint is in the gate, as one value beside its plain facts: what it takes, reads and answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from tulou.contracts.endpoints import EndpointFacts
from tulou.contracts.routing.messages import Grant
from tulou.services.gateway.dialects.dialect import ClientDialect, Written
from tulou.services.gateway.endpoints.asked import EndpointRequest
from tulou.services.gateway.snapshot.plan import RequestPlan
from tulou.services.gateway.stack.resources import StageResources
from tulou.services.gateway.stack.way import UpstreamCall

Shape = type[msgspec.Struct]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """How the house's OpenAPI document describes an endpoint.

    `operation` is its `operationId`, `schema` the name of its request's schema; `answered` and `streamed` are the
    shapes of a whole answer and of the data of a stream's events, `others` shapes that it answers elsewhere. Examples
    are `questions` by name, an `answer` and the `events` of a stream. `fields` explains what no other request has.
    """

    operation: str
    summary: str
    about: str
    schema: str
    answered: Shape
    streamed: Shape | None = None
    others: tuple[Shape, ...] = ()
    questions: Mapping[str, Json]
    answer: Json
    events: str = ""
    fields: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """All shapes that it answers."""
        return (self.answered, *((self.streamed,) if self.streamed is not None else ()), *self.others)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayEndpoint:
    """An endpoint, with all that only the gate knows of it.

    * `request`: what of its body the gate reads; `client`: the dialect in which its whole body can be read; `way`:
      builds the way to replicas that do not speak it, None where they cannot be asked.
    * `passed`: headers of the client that replicas of its own dialect get.
    * `chunks`: its streams are chunks as OpenAI's, which tell usage only if asked and end with `[DONE]`.
    * `ping`: what keeps its streams alive, None where a comment does.
    * `borrowed`: reads the body of another endpoint that clients send here; None where it is none.
    * `unnamed`: finds the model of a request that names none.
    """

    facts: EndpointFacts
    request: type[EndpointRequest]
    client: ClientDialect | None = None
    way: Callable[[StageResources], UpstreamCall] | None = None
    passed: tuple[bytes, ...] = ()
    chunks: bool = False
    ping: bytes | None = None
    borrowed: Callable[[bytes], Written | None] | None = None
    unnamed: Callable[[RequestPlan, Grant], str] | None = None
    described: Description
