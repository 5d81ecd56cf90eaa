"""What a caller says that something is done for."""

from starlette.datastructures import Headers

from tulou.chassis.telemetry.redaction import redact_text

REASON = "x-tulou-reason"
REASON_CAP = 500


def reason_of(headers: Headers) -> str:
    """Return the reason that came with a request, as one line without secrets; empty where none did."""
    given = headers.get(REASON, "").encode("latin-1").decode("utf-8", "replace")
    return redact_text("".join(letter for letter in given if letter.isprintable()))[:REASON_CAP]
