"""Messages at the upstream's side."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from tulou.services.gateway.dialects.anthropic.answer_reader import Reader, read_answer
from tulou.services.gateway.dialects.anthropic.request_writer import write_count, write_request
from tulou.services.gateway.dialects.counts import Count
from tulou.services.gateway.dialects.dialect import Ability, UpstreamDialect, Written
from tulou.services.gateway.dialects.errors import read_fault
from tulou.services.gateway.dialects.prompt import Prompt


class _Count(msgspec.Struct):
    input_tokens: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingUpstream(UpstreamDialect):
    """A dialect in which it can also be asked how many tokens a prompt has."""

    write_count: Callable[[Prompt, Ability], Written]
    """Returns the request for a count; raises `InvalidError` as for an answer."""
    read_count: Callable[[bytes], int]
    """Returns the count; raises `ValueError` if it is none."""


def read_count(body: bytes) -> int:
    """Return the count; raise `ValueError` if it is none."""
    return msgspec.json.decode(body, type=_Count).input_tokens


MESSAGES = CountingUpstream(
    whole_path="/v1/messages",
    write_request=write_request,
    read_answer=read_answer,
    reader=Reader,
    read_error=read_fault,
    write_count=write_count,
    read_count=read_count,
)
