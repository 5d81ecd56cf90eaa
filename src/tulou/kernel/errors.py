"""Every error a contract may raise, one class for each thing a caller can do about it.

TulouError             500  our fault: report it
  InvalidError         400  mend the request
  UnauthenticatedError 401  bring a valid key
  ForbiddenError       403  ask for the right
  NotFoundError        404  name something that exists
  ConflictError        409  look at the state, then try again
  TooLargeError        413  send less
  LimitedError         429  slow down; `retry_after_s` says how long
  UpstreamError        502  what answers for us failed
  UnavailableError     503  try again later, or elsewhere
  DeadlineError        504  allow more time
"""

from typing import ClassVar

from tulou.kernel.numbers import bounded_wait


class TulouError(Exception):
    """An error with a stable `code`, an HTTP `status`, and words that say what, which and what next."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, param: str | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.param = param
        self.retry_after_s = bounded_wait(retry_after_s)


class InvalidError(TulouError):
    """The request is malformed or asks for something impossible."""

    code = "invalid_request"
    status = 400


class UnauthenticatedError(TulouError):
    """No valid key came with the request."""

    code = "unauthenticated"
    status = 401


class ForbiddenError(TulouError):
    """The key is valid but may not do this."""

    code = "forbidden"
    status = 403


class NotFoundError(TulouError):
    """The named thing does not exist."""

    code = "not_found"
    status = 404


class ConflictError(TulouError):
    """The thing is in a state that does not allow this."""

    code = "conflict"
    status = 409


class TooLargeError(TulouError):
    """The request is larger than a stated cap."""

    code = "too_large"
    status = 413


class LimitedError(TulouError):
    """A limit, quota or budget is used up."""

    code = "limited"
    status = 429


class UpstreamError(TulouError):
    """What was asked on the caller's behalf answered with a failure."""

    code = "upstream_failed"
    status = 502


class UnavailableError(TulouError):
    """Nothing can serve this now; another attempt may succeed."""

    code = "unavailable"
    status = 503


class DeadlineError(TulouError):
    """A deadline passed; the message names which."""

    code = "deadline_exceeded"
    status = 504


ERRORS: dict[str, type[TulouError]] = {
    error.code: error
    for error in (
        TulouError,
        InvalidError,
        UnauthenticatedError,
        ForbiddenError,
        NotFoundError,
        ConflictError,
        TooLargeError,
        LimitedError,
        UpstreamError,
        UnavailableError,
        DeadlineError,
    )
}
