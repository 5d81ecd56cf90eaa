"""What the quota must know of a request."""

from typing import Protocol

from tulou.contracts.routing.messages import Endpoint


class EstimateInput(Protocol):
    """As much of a call as its needs are guessed from."""

    @property
    def endpoint(self) -> Endpoint:
        """What is asked for."""
        ...

    @property
    def body(self) -> bytes:
        """The request as the client wrote it."""
        ...

    @property
    def model(self) -> str:
        """The model as the client named it."""
        ...

    @property
    def allowed(self) -> int | None:
        """How many tokens of output the client allows for an answer; None if it does not say."""
        ...

    @property
    def answers(self) -> int:
        """How many answers it wants."""
        ...

    @property
    def batch(self) -> bool:
        """Whether it may wait, and so costs what batches cost."""
        ...
