"""Who asks, under which request, until when: carried along every call, in process and between processes."""

from contextvars import ContextVar

from tulou.kernel.message import message


@message
class Context:
    """The circumstances of one request; `deadline` is Unix time in seconds, `reason` what the caller says it is for.

    `roles` are those held at the tenant and at `project`; with `house` the caller may act over all tenants. What was
    permitted reaches over the tenant as a whole with `tenant_wide`, else over `projects` of it alone: none, no further.
    """

    request_id: str = ""
    tenant: str = ""
    principal: str = ""
    key: str = ""
    deadline: float | None = None
    traceparent: str = ""
    session: str = ""
    project: str = ""
    roles: tuple[str, ...] = ()
    house: bool = False
    tenant_wide: bool = False
    projects: tuple[str, ...] = ()
    reason: str = ""


NOBODY = Context()
CONTEXT: ContextVar[Context] = ContextVar("tulou_context", default=NOBODY)
