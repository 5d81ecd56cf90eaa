"""What the rules may ask for. Each action may come again, and must then do no harm."""

from dataclasses import dataclass

from tulou.services.serving.domain.values import KeptReplica


@dataclass(frozen=True, slots=True)
class Create:
    """Keep a new replica, pending."""

    deployment: str
    generation: int
    slot: int


@dataclass(frozen=True, slots=True)
class Renew:
    """Keep a new replica, pending, in the place of one that failed, and under another id: the old one is withdrawn."""

    replica: str


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep a replica's new state, with why, since, deadline and restarts."""

    replica: KeptReplica


@dataclass(frozen=True, slots=True)
class Launch:
    """Start the worker, once the model is found to be what was signed."""

    replica: str


@dataclass(frozen=True, slots=True)
class Drain:
    """Let it get no new requests."""

    replica: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """End its lease for good."""

    replica: str


@dataclass(frozen=True, slots=True)
class Stop:
    """End its worker."""

    replica: str
    grace_s: float


@dataclass(frozen=True, slots=True)
class ForgetReplica:
    """Keep it no longer."""

    replica: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Keep the deployment no longer."""

    deployment: str


Action = Create | Renew | Keep | Launch | Drain | Withdraw | Stop | ForgetReplica | Remove
