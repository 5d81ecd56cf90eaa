"""Who asks, under which request, until when: carried along every call, in process and between processes."""

from contextvars import ContextVar

from tulou.kernel.message import message


@message
class Context:
    """The circumstances of one request; `deadline` is Unix time in seconds."""

    request_id: str = ""
    tenant: str = ""
    principal: str = ""
    key: str = ""
    deadline: float | None = None
    traceparent: str = ""


NOBODY = Context()
CONTEXT: ContextVar[Context] = ContextVar("tulou_context", default=NOBODY)
