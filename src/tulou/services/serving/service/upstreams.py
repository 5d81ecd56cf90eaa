"""Look after upstreams: probe each now and then, and announce to discovery those that answer."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from tulou.contracts.discovery.api import Discovery
from tulou.contracts.discovery.messages import Announce, Replica
from tulou.contracts.serving.messages import Upstream
from tulou.kernel.errors import ConflictError, InvalidError, TulouError, UnavailableError
from tulou.ports.credentials import Credentials
from tulou.ports.prober import Prober
from tulou.services.serving.domain.plans import Stored
from tulou.services.serving.domain.values import LEAVING, Kept, ProbeSeen
from tulou.services.serving.settings import ServingSettings

REFUSED = frozenset({401, 403})
BROKEN = 500
LEASE_PROBES = 2.5
"""A lease outlives one missed probe."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Place:
    """One upstream as a replica."""

    replica: str
    deployment: str
    generation: int
    concurrency: int
    upstream: Upstream


class Upstreams:
    """One task for each upstream that is kept; `changed` is called when a probe says something new."""

    def __init__(
        self,
        discovery: Discovery,
        prober: Prober,
        credentials: Credentials,
        *,
        settings: ServingSettings,
        changed: Callable[[], None],
    ) -> None:
        self._discovery = discovery
        self._prober = prober
        self._credentials = credentials
        self._settings = settings
        self._changed = changed
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._seen: dict[str, ProbeSeen] = {}

    def seen(self) -> Mapping[str, ProbeSeen]:
        """Return what the last probes said."""
        return self._seen

    def keep(self, stored: Sequence[Stored], kept: Sequence[Kept]) -> None:
        """Probe these from now on, and no others."""
        places = _places(stored, kept)
        staying = {replica.id for replica in kept if replica.state not in LEAVING}
        for name in self._tasks.keys() - staying:  # one of an older generation goes on until it is drained
            self._tasks.pop(name).cancel()
            self._seen.pop(name, None)
        for name in places.keys() - self._tasks.keys():
            self._tasks[name] = asyncio.create_task(self._look_after(places[name]), name=f"upstream {name}")

    async def close(self) -> None:
        """Stop probing; the leases run out by themselves."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _look_after(self, place: Place) -> None:
        failures = 0
        while True:
            seen = await self._probed(place)
            if self._seen.get(place.replica) != seen:
                log.info("upstream_probed", replica=place.replica, outcome=seen.outcome, why=seen.why)
                self._seen[place.replica] = seen
                self._changed()
            failures = failures + 1 if seen.outcome == "unreachable" else 0
            await asyncio.sleep(self._pause(failures))

    def _pause(self, failures: int) -> float:
        if failures == 0:
            return self._settings.probe_s
        return min(self._settings.probe_backoff_s * 2 ** min(failures - 1, 16), self._settings.probe_s)

    async def _probed(self, place: Place) -> ProbeSeen:
        try:
            return await self._probe(place)
        except Exception as error:
            log.exception("probe_failed", replica=place.replica)  # a bug must not end the looking after
            return ProbeSeen(outcome="unreachable", why=f"the probe failed: {type(error).__name__}")

    async def _probe(self, place: Place) -> ProbeSeen:
        try:
            headers = await self._headers(place.upstream)
            url = f"{place.upstream.base_url.rstrip('/')}/models"
            status = await self._prober.probe(url, headers=dict(headers), timeout_s=self._settings.probe_timeout_s)
        except InvalidError as error:
            return await self._lost(place, ProbeSeen(outcome="refused", why=str(error)))
        except UnavailableError as error:
            return await self._lost(place, ProbeSeen(outcome="unreachable", why=str(error)))
        if status in REFUSED:
            return await self._lost(place, ProbeSeen(outcome="refused", why=f"credential refused ({status})"))
        if status >= BROKEN:
            return await self._lost(place, ProbeSeen(outcome="unreachable", why=f"answers with {status}"))
        await self._announce(place, headers, ttl_s=self._settings.probe_s * LEASE_PROBES)
        return ProbeSeen(outcome="reachable", why=f"answers at {place.upstream.base_url}")

    async def _lost(self, place: Place, seen: ProbeSeen) -> ProbeSeen:
        """Take an upstream that was reachable out of the balance: a lease that ends now goes with the next sweep."""
        before = self._seen.get(place.replica)
        if before is not None and before.outcome == "reachable":
            await self._announce(place, (), ttl_s=0.0)
        return seen

    async def _announce(self, place: Place, headers: tuple[tuple[str, str], ...], *, ttl_s: float) -> None:
        upstream = place.upstream
        replica = Replica(
            id=place.replica,
            deployment=place.deployment,
            generation=place.generation,
            url=upstream.base_url.rstrip("/").removesuffix("/v1"),
            headers=headers,
            upstream_model=upstream.model,
            concurrency=place.concurrency,
            place=upstream.base_url,
        )
        try:
            await self._discovery.announce(Announce(replica=replica, ttl_s=ttl_s))
        except ConflictError:
            log.info("upstream_withdrawn", replica=place.replica)
        except TulouError as error:
            log.warning("upstream_not_announced", replica=place.replica, error=str(error))

    async def _headers(self, upstream: Upstream) -> tuple[tuple[str, str], ...]:
        if not upstream.secret:
            return ()
        secret = await self._credentials.reveal(upstream.secret)
        return (("authorization", f"Bearer {secret}"),)


def _places(stored: Sequence[Stored], kept: Sequence[Kept]) -> dict[str, Place]:
    remote = {deployment.spec.name: deployment for deployment in stored if deployment.remote}
    places: dict[str, Place] = {}
    for replica in kept:
        deployment = remote.get(replica.deployment)
        if deployment is None or replica.state in LEAVING or replica.generation != deployment.generation:
            continue
        if replica.slot < len(deployment.spec.upstreams):
            upstream = deployment.spec.upstreams[replica.slot]
            places[replica.id] = Place(
                replica.id, replica.deployment, replica.generation, deployment.spec.concurrency, upstream
            )
    return places
