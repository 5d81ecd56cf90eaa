"""Why one attempt failed, and what follows from it."""

from typing import Literal

from tulou.chassis.http.errors import BrokenError, CertificateError, ConnectError, HttpError, LateError, OversizeError
from tulou.kernel.errors import DeadlineError, LimitedError, TulouError, UpstreamError
from tulou.services.gateway.refusals import PaymentError, SpentError
from tulou.services.gateway.stack.words import NOTHING, VendorWords

Kind = Literal[
    "refused",
    "connect",
    "connect_timeout",
    "first_byte_timeout",
    "idle_timeout",
    "total_timeout",
    "lost",
    "status",
    "busy",
    "credential",
    "funds",
    "bad_answer",
    "bad_stream",
]

HARMLESS: frozenset[Kind] = frozenset({"busy", "credential", "funds"})
"""What tells nothing about the replica's health; the breaker counts all else: timeouts, connect errors and 5xx."""

OWN: frozenset[Kind] = frozenset({"refused", "connect", "connect_timeout"})
"""What no request can bring about: the breaker counts it whoever calls."""

FREE: frozenset[Kind] = frozenset({"refused", "connect", "lost"})
"""After these nothing works on the request any more, so that to move it adds no load: the budget is not asked."""

SPENT: frozenset[Kind] = frozenset({"first_byte_timeout", "idle_timeout", "total_timeout", "bad_stream"})
"""After these the replica has read the prompt at least, and a vendor charges for it."""

UNREADABLE = (ValueError, RecursionError)
"""What an answer raises where it is read or written anew, if it is not what its dialect allows or nested too deeply."""

TIMEOUTS: dict[str, Kind] = {
    "connect": "connect_timeout",
    "first byte": "first_byte_timeout",
    "idle": "idle_timeout",
    "total": "total_timeout",
}


class AttemptFailedError(Exception):
    """An attempt that another one may follow, because nothing has been sent to the client.

    `said` are the upstream's own words, where it had some; `charged`: somebody is paid for it all the same.
    """

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        status: int = 0,
        retry_after_s: float | None = None,
        said: VendorWords = NOTHING,
        charged: bool = False,
    ) -> None:
        super().__init__(detail)
        self.kind: Kind = kind
        self.status = status
        self.retry_after_s = retry_after_s
        self.said = said
        self.charged = charged

    def bare(self) -> "AttemptFailedError":
        """Return the same failure as one that nobody has raised."""
        return AttemptFailedError(
            self.kind,
            str(self),
            status=self.status,
            retry_after_s=self.retry_after_s,
            said=self.said,
            charged=self.charged,
        )

    @property
    def counts(self) -> bool:
        """Whether the breaker counts it."""
        return self.kind not in HARMLESS

    @property
    def words(self) -> str:
        """What the upstream said; of a credential only how the error is called: the rest may show a part of it."""
        return self.said.code if self.kind == "credential" else str(self.said)

    @property
    def own(self) -> bool:
        """Whether it is the replica's own, whatever was asked."""
        return self.kind in OWN

    @property
    def free(self) -> bool:
        """Whether another attempt needs no budget."""
        return self.kind in FREE

    def error(self, model: str) -> TulouError:
        """Return what the client is told when this was the last attempt."""
        match self.kind:
            case "busy":
                words = f": {self.said}" if self.said != NOTHING else ""
                busy = f"every replica of {model!r} is busy; slow down{words}"
                return LimitedError(busy, retry_after_s=self.retry_after_s)
            case "funds" if not self.said.exhausted:
                return PaymentError(f"the account that {model!r} is reached with cannot pay for this: {self}")
            case "first_byte_timeout" | "idle_timeout" | "total_timeout" if self.charged:
                return SpentError(
                    f"{model!r} did not answer in time: {self}; the vendor charges for it, so it was not asked again"
                )
            case "connect_timeout" | "first_byte_timeout" | "idle_timeout" | "total_timeout":
                return DeadlineError(f"{model!r} did not answer in time: {self}")
            case _:
                return UpstreamError(f"{model!r} could not answer: {self}", retry_after_s=self.retry_after_s)


def explain(error: HttpError, *, paid: bool) -> AttemptFailedError:
    """Return the failure that an error of the HTTP client means; `paid`: the upstream charges for what it has read."""
    match error:
        case ConnectError(gone=True):
            return AttemptFailedError("refused", "nothing listens where the replica was")
        case ConnectError():
            untrusted = isinstance(error, CertificateError)
            why = (
                "the replica's certificate is not trusted"
                if untrusted
                else "no connection to the replica could be made"
            )
            return AttemptFailedError("connect", why)
        case LateError(which=which):
            kind = TIMEOUTS[which]
            return AttemptFailedError(kind, str(error), charged=paid and kind in SPENT)
        case OversizeError():
            return AttemptFailedError("bad_answer", str(error), charged=paid)
        case BrokenError():
            return AttemptFailedError("lost", str(error))
        case _:
            return AttemptFailedError("bad_answer", str(error))
