"""What identity counts about itself."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Counter

from tulou.kernel.errors import ForbiddenError, LimitedError, UnauthenticatedError

By = Literal["password", "oidc"]
Outcome = Literal["ok", "second_factor", "wrong_password", "wrong_code", "limited", "refused", "failed"]


@dataclass(slots=True)
class SignInAttempt:
    """What has come of a try to sign in so far."""

    outcome: Outcome = "failed"


class SignInCounters:
    """Tries to sign in, in the registry that is given; every series is there from the start."""

    def __init__(self, registry: CollectorRegistry) -> None:
        tries = Counter("tulou_identity_sign_ins_total", "Tries to sign in.", ("by", "outcome"), registry=registry)
        self._tries = {(by, outcome): tries.labels(by, outcome) for by in get_args(By) for outcome in get_args(Outcome)}

    @contextmanager
    def counted(self, by: By) -> Generator[SignInAttempt]:
        """Count the try of a block, by what it says has come of it, else by the error that ends it."""
        tried = SignInAttempt()
        try:
            yield tried
        except LimitedError:
            tried.outcome = "limited"
            raise
        except (UnauthenticatedError, ForbiddenError):
            if tried.outcome == "failed":
                tried.outcome = "refused"
            raise
        finally:
            self._tries[by, tried.outcome].inc()
