"""Conversations at the upstream's side."""

from tulou.services.gateway.dialects.bedrock.answer_reader import Reader, read_answer
from tulou.services.gateway.dialects.bedrock.request_writer import write_request
from tulou.services.gateway.dialects.dialect import UpstreamDialect
from tulou.services.gateway.dialects.errors import read_fault

BEDROCK = UpstreamDialect(
    whole_path="/model/{model}/converse",
    stream_path="/model/{model}/converse-stream",
    write_request=write_request,
    read_answer=read_answer,
    reader=Reader,
    read_error=read_fault,
)
