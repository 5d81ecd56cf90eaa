"""Text completions at the client's side, for upstreams that only converse."""

from tulou.services.gateway.dialects.completions.answer_writer import Writer, write_answer
from tulou.services.gateway.dialects.completions.request_reader import read_request
from tulou.services.gateway.dialects.dialect import ClientDialect
from tulou.services.gateway.dialects.errors import write_openai_error

COMPLETIONS = ClientDialect(
    id_prefix="cmpl-",
    read_request=read_request,
    write_answer=write_answer,
    writer=Writer,
    write_error=write_openai_error,
)
