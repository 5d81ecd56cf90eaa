"""What calls teach about credentials: which rest, which are suspected, and what control is told of them."""

from math import inf

from tulou.kernel.clock import Clock
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.credentials import CredentialListener, UpstreamCredential
from tulou.services.gateway.stack.failure import HARMLESS, AttemptFailedError
from tulou.services.gateway.stack.verdict import FORBIDDEN, PAYMENT

SUSPECT_S = 30.0
"""A credential is reported as suspected this often at most, however many requests are refused."""

TRUSTED_S = 60.0
"""A credential that was taken so lately does not rest when it is refused: what was refused may be the request."""

QUOTA_REST_S = 300.0
"""How long a credential rests whose account has nothing left."""


class CredentialStanding:
    """A refusal rests a credential at one model at most; whether it is over for the house only control finds out."""

    def __init__(self, reports: CredentialListener, *, clock: Clock) -> None:
        self._reports = reports
        self._clock = clock

    def failed(self, call: Call, failure: AttemptFailedError) -> None:
        """Note how a credential was received that an attempt has failed with."""
        proof = call.proof
        if proof is None:
            return
        now = self._clock.monotonic()
        if failure.kind in HARMLESS:
            call.refused = (*call.refused, proof)
        match failure.kind:
            case "busy":
                self._limited(proof, failure, now)
            case "credential":
                if now - proof.good_at > TRUSTED_S:
                    proof.refuse(now)
                self._suspect(proof, failure.status, now, named=True)
            case "funds" if failure.said.exhausted:
                self._limited(proof, failure, now)
            case "funds":
                self._suspect(proof, failure.status, now, named=False)
            case _:
                pass

    def answered(self, call: Call, status: int) -> None:
        """Note a refusal that went to its client."""
        if call.proof is not None and status in (PAYMENT, FORBIDDEN):
            self._suspect(call.proof, status, self._clock.monotonic(), named=False)

    def _limited(self, proof: UpstreamCredential, failure: AttemptFailedError, now: float) -> None:
        if failure.said.exhausted:
            seconds = max(failure.retry_after_s or 0.0, QUOTA_REST_S)
            proof.account.rests_until = now + seconds
        else:
            seconds = proof.rest(now, failure.retry_after_s)
        self._reports.limited(proof.id, seconds)

    def _suspect(self, proof: UpstreamCredential, status: int, now: float, *, named: bool) -> None:
        if now - proof.account.suspected_at < SUSPECT_S:
            return
        proof.account.suspected_at = now
        self._reports.refused(proof.id, status, served=proof.good_at > -inf, named=named)
