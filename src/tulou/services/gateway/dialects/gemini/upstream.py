"""Generated content at the upstream's side."""

from tulou.services.gateway.dialects.dialect import UpstreamDialect
from tulou.services.gateway.dialects.errors import read_fault
from tulou.services.gateway.dialects.gemini.answer_reader import Reader, read_answer
from tulou.services.gateway.dialects.gemini.request_writer import write_request

GEMINI = UpstreamDialect(
    whole_path="/v1beta/models/{model}:generateContent",
    stream_path="/v1beta/models/{model}:streamGenerateContent?alt=sse",
    write_request=write_request,
    read_answer=read_answer,
    reader=Reader,
    read_error=read_fault,
)
