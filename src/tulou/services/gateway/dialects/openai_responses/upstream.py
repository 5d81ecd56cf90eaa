"""Responses at the upstream's side."""

from tulou.services.gateway.dialects.dialect import UpstreamDialect
from tulou.services.gateway.dialects.errors import read_fault
from tulou.services.gateway.dialects.openai_responses.answer_reader import Reader, read_answer
from tulou.services.gateway.dialects.openai_responses.request_writer import write_request

RESPONSES = UpstreamDialect(
    whole_path="/v1/responses",
    write_request=write_request,
    read_answer=read_answer,
    reader=Reader,
    read_error=read_fault,
)
