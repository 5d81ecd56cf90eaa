"""What can go wrong between us and an upstream, told apart by what a caller can do about it."""

from typing import Literal

Deadline = Literal["connect", "first byte", "idle", "total"]


class HttpError(Exception):
    """No complete answer came."""


class ConnectError(HttpError):
    """No connection came about; `gone` says that nobody listens there."""

    def __init__(self, message: str, *, gone: bool) -> None:
        super().__init__(message)
        self.gone = gone


class CertificateError(ConnectError):
    """Somebody answered who cannot show that they are the upstream."""

    def __init__(self, message: str) -> None:
        super().__init__(message, gone=False)


class LateError(HttpError):
    """A deadline passed; `which` names it."""

    def __init__(self, message: str, *, which: Deadline) -> None:
        super().__init__(message)
        self.which: Deadline = which


class BrokenError(HttpError):
    """The connection ended, or spoke nonsense, before the answer was complete; `unanswered`: before its first byte."""

    def __init__(self, message: str, *, unanswered: bool = False) -> None:
        super().__init__(message)
        self.unanswered = unanswered


class OversizeError(BrokenError):
    """The answer's head or body is larger than its cap."""
