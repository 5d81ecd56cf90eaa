"""Responses at the client's side; earlier turns are put into a request's body before it is read."""

from tulou.services.gateway.dialects.dialect import ClientDialect
from tulou.services.gateway.dialects.errors import write_openai_error
from tulou.services.gateway.dialects.openai_responses.answer_writer import write_answer
from tulou.services.gateway.dialects.openai_responses.request_reader import read_request
from tulou.services.gateway.dialects.openai_responses.stream_writer import Writer

RESPONSES = ClientDialect(
    id_prefix="resp_",
    read_request=read_request,
    write_answer=write_answer,
    writer=Writer,
    write_error=write_openai_error,
)
