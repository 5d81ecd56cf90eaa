"""Chat completions at the client's side."""

from tulou.services.gateway.dialects.dialect import ClientDialect
from tulou.services.gateway.dialects.errors import write_openai_error
from tulou.services.gateway.dialects.openai_chat.answer_writer import write_answer
from tulou.services.gateway.dialects.openai_chat.request_reader import read_request
from tulou.services.gateway.dialects.openai_chat.stream_writer import Writer

CHAT = ClientDialect(
    id_prefix="chatcmpl-",
    read_request=read_request,
    write_answer=write_answer,
    writer=Writer,
    write_error=write_openai_error,
)
