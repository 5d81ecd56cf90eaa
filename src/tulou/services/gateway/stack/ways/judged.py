"""What follows from a failure that an upstream tells in its stream or in a whole answer of status 200."""

from tulou.services.gateway.dialects.dialect import ClientDialect
from tulou.services.gateway.dialects.events import Failed
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.secrets import hide
from tulou.services.gateway.stack.verdict import kind_within
from tulou.services.gateway.stack.waits import wait_in
from tulou.services.gateway.stack.ways.way import JSON
from tulou.services.gateway.stack.words import VendorWords, clean

STREAMS = (b"event-stream", b"vnd.amazon.eventstream")


def judged(call: Call, client: ClientDialect, failed: Failed, backend: Backend) -> Answer:
    """Return the refusal of a request that is at fault itself; raise `AttemptFailedError` for all else."""
    message = hide(failed.message, backend, call.proof)
    said = VendorWords(clean(message), failed.code, frozenset((failed.code, failed.kind)))
    kind = kind_within(failed.status, said)
    if kind is None:
        body = client.write_error(
            status=failed.status, message=message, code=failed.code, param=None, request_id=call.request_id
        )
        return Answer(failed.status, [JSON], body, backend)
    words = failed.code if kind == "credential" else str(said)
    raise AttemptFailedError(
        kind,
        f"the upstream answered with an error: {words}",
        status=failed.status,
        said=said,
        retry_after_s=wait_in(said.message),
    )
