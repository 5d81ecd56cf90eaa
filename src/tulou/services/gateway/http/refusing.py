"""What an error is to a client: an answer in the dialect of its endpoint."""

from tulou.kernel.errors import TulouError
from tulou.services.gateway.http.errors import error_headers, told
from tulou.services.gateway.http.record import Record
from tulou.services.gateway.stack.call import Answer


def refusal(record: Record, error: TulouError) -> Answer:
    """Return the answer, with all attempts that were made; the record knows the error from now on."""
    record.error = error
    call = record.call
    said = told(record.endpoint, error, record.request_id, call.attempts if call is not None else ())
    headers = [*error_headers(error), (b"x-request-id", record.request_id.encode("ascii"))]
    return Answer(said.status, headers if call is None else headers + call.headers, said.body)
