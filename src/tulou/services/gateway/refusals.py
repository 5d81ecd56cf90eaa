"""The gateway's own errors: codes that clients of this field test for."""

from typing import ClassVar

from tulou.kernel.errors import (
    DeadlineError,
    ForbiddenError,
    InvalidError,
    LimitedError,
    NotFoundError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
    UpstreamError,
)


class MissingKeyError(UnauthenticatedError):
    """No key came with the request."""

    code: ClassVar[str] = "missing_api_key"


class WrongKeyError(UnauthenticatedError):
    """The key is unknown or revoked."""

    code: ClassVar[str] = "invalid_api_key"


class TooManyWrongKeysError(LimitedError):
    """So many unknown keys came from one address that nobody looks at another for a while; right ones are let in."""

    code: ClassVar[str] = "too_many_wrong_keys"


class ExpiredKeyError(UnauthenticatedError):
    """The key's time is over."""

    code: ClassVar[str] = "expired_api_key"


class DisabledKeyError(UnauthenticatedError):
    """The key came back with its owner, and nobody has enabled it yet."""

    code: ClassVar[str] = "disabled_api_key"


class MissingScopeError(ForbiddenError):
    """The key may not do inference."""

    code: ClassVar[str] = "insufficient_scope"


class BlockedError(ForbiddenError):
    """The key is valid, and its tenant or its principal is suspended."""

    code: ClassVar[str] = "key_blocked"


class ModelForbiddenError(ForbiddenError):
    """The key may not use this model."""

    code: ClassVar[str] = "model_forbidden"


class PolicyDeniedError(ForbiddenError):
    """No role of the key's principal permits this, or a policy of the house forbids it."""

    code: ClassVar[str] = "policy_denied"


class ModelNotFoundError(NotFoundError):
    """No model has this name."""

    code: ClassVar[str] = "model_not_found"


class PathNotFoundError(NotFoundError):
    """Nothing answers at this path."""

    code: ClassVar[str] = "path_not_found"


class WrongEndpointError(InvalidError):
    """The model exists and does not do this."""

    code: ClassVar[str] = "endpoint_not_supported"


class ContextError(InvalidError):
    """The prompt is longer than the model's context."""

    code: ClassVar[str] = "context_length_exceeded"


class MalformedError(InvalidError):
    """The body is not JSON."""

    code: ClassVar[str] = "invalid_json"


class WrongTypeError(InvalidError):
    """A field of the body has a wrong type or is missing; `pointer` is its JSON Pointer (RFC 6901)."""

    code: ClassVar[str] = "invalid_type"

    def __init__(self, message: str, *, param: str | None, pointer: str) -> None:
        super().__init__(message, param=param)
        self.pointer = pointer


class BodyTooLargeError(TooLargeError):
    """The body is larger than its cap."""

    code: ClassVar[str] = "request_too_large"


class OverloadedError(UnavailableError):
    """The process has as much to do as it may."""

    code: ClassVar[str] = "overloaded"


class TenantShareError(LimitedError):
    """The tenant has as much in work here as one tenant may, so that others find room."""

    code: ClassVar[str] = "tenant_share_reached"


class NoReplicaError(UnavailableError):
    """No replica of the model can be called now."""

    code: ClassVar[str] = "no_replica"


class CrashError(UpstreamError):
    """Two replicas lost their connection over this request; no other one is asked."""

    code: ClassVar[str] = "replica_crashed"


class SpentError(DeadlineError):
    """A vendor that charges for what it has read did not answer in time; to ask again would be paid for again."""


class PaymentError(UpstreamError):
    """The account that a model is reached with has not the means for this request."""

    code: ClassVar[str] = "upstream_payment_required"
    status: ClassVar[int] = 402


class NotReadyError(UnavailableError):
    """No snapshot has arrived yet."""

    code: ClassVar[str] = "starting"


class ControlAwayError(UnavailableError):
    """The control process does not answer."""

    code: ClassVar[str] = "control_unavailable"


class ResponsesAwayError(UnavailableError):
    """Answers that were kept cannot be looked up now."""

    code: ClassVar[str] = "responses_unavailable"


class WrongMethodError(InvalidError):
    """The path exists and is asked otherwise; `right` is the method that it takes."""

    code: ClassVar[str] = "method_not_allowed"
    status: ClassVar[int] = 405

    def __init__(self, message: str, *, right: str = "") -> None:
        super().__init__(message)
        self.right = right
