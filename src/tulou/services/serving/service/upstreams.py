"""Look after upstreams: probe each now and then, and announce to discovery those that answer."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from tulou.contracts.discovery.api import Discovery
from tulou.contracts.discovery.messages import Announce, Replica
from tulou.contracts.upstreams.events import CredentialSuspected
from tulou.kernel.errors import ConflictError, InvalidError, NotFoundError, TulouError, UnavailableError
from tulou.services.serving.domain.plans import StoredDeployment
from tulou.services.serving.domain.values import LEAVING, KeptReplica, ProbeSeen
from tulou.services.serving.service.outside import UpstreamPlace, UpstreamProbes
from tulou.services.serving.settings import ServingSettings

LEASE_PROBES = 2.5
"""A lease outlives one missed probe."""

EXAMINED = 100
"""Credentials that are probed at the same time because they are suspected; others are suspected again later."""

log = structlog.get_logger()


@dataclass(slots=True)
class _Watched:
    """What is known of one place: the last look, what was announced, and a bell that asks for the next look now."""

    place: UpstreamPlace
    bell: asyncio.Event
    announced: Replica | None = None


class UpstreamWatch:
    """One task for each upstream that is kept; `changed` is called when a probe says something new."""

    def __init__(
        self, discovery: Discovery, outside: UpstreamProbes, *, settings: ServingSettings, changed: Callable[[], None]
    ) -> None:
        self._discovery = discovery
        self._outside = outside
        self._settings = settings
        self._changed = changed
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._watched: dict[str, _Watched] = {}
        self._seen: dict[str, ProbeSeen] = {}
        self._examined: dict[str, asyncio.Task[None]] = {}

    def seen(self) -> Mapping[str, ProbeSeen]:
        """Return what the last probes said."""
        return self._seen

    def keep(self, stored: Sequence[StoredDeployment], kept: Sequence[KeptReplica]) -> None:
        """Probe these from now on, and no others."""
        places = _places(stored, kept)
        staying = {replica.id for replica in kept if replica.state not in LEAVING}
        for name in self._tasks.keys() - staying:  # one of an older generation goes on until it is drained
            self._tasks.pop(name).cancel()
            self._seen.pop(name, None)
            self._watched.pop(name, None)
        self._outside.models.keep_only(frozenset(staying))
        for name in places.keys() - self._tasks.keys():
            watched = self._watched[name] = _Watched(places[name], asyncio.Event())
            self._tasks[name] = asyncio.create_task(self._look_after(watched), name=f"upstream {name}")

    def refresh(self, upstream: str) -> None:
        """Look at once at all places that an account answers for."""
        for watched in self._watched.values():
            if watched.place.upstream.upstream == upstream:
                watched.bell.set()

    def examine(self, suspected: CredentialSuspected) -> None:
        """Probe a credential that a request was refused with, by one of the places that its account answers for."""
        id_, places = suspected.credential, (watched.place for watched in self._watched.values())
        place = next((place for place in places if place.upstream.upstream == suspected.name), None)
        if place is None or id_ in self._examined or len(self._examined) >= EXAMINED:
            return
        task = asyncio.create_task(self._examine(place, suspected), name=f"credential {id_}")
        self._examined[id_] = task
        task.add_done_callback(lambda _: self._examined.pop(id_, None))

    async def close(self) -> None:
        """Stop probing; the leases run out by themselves."""
        tasks = (*self._tasks.values(), *self._examined.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _examine(self, place: UpstreamPlace, suspected: CredentialSuspected) -> None:
        try:
            await self._outside.examine(place, suspected)
        except TulouError as error:
            log.info("credential_not_examined", id=suspected.credential, error=str(error))
        except Exception:
            log.exception("examination_failed", id=suspected.credential)

    async def _look_after(self, watched: _Watched) -> None:
        failures = 0
        name = watched.place.replica
        while True:
            watched.bell.clear()
            seen = await self._probed(watched)
            if self._seen.get(name) != seen:
                log.info("upstream_probed", replica=name, outcome=seen.outcome, why=seen.why)
                self._seen[name] = seen
                self._changed()
            failures = failures + 1 if seen.outcome == "unreachable" else 0
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause(failures)):
                    await watched.bell.wait()

    def _pause(self, failures: int) -> float:
        if failures == 0:
            return self._settings.probe_s
        return min(self._settings.probe_backoff_s * 2 ** min(failures - 1, 16), self._settings.probe_s)

    async def _probed(self, watched: _Watched) -> ProbeSeen:
        try:
            return await self._probe(watched)
        except Exception as error:
            log.exception("probe_failed", replica=watched.place.replica)  # a bug must not end the looking after
            return ProbeSeen(outcome="unreachable", why=f"the probe failed: {type(error).__name__}")

    async def _probe(self, watched: _Watched) -> ProbeSeen:
        try:
            replica = await self._outside.look(watched.place)
        except (InvalidError, NotFoundError) as error:
            return await self._lost(watched, ProbeSeen(outcome="refused", why=str(error)))
        except (UnavailableError, TulouError) as error:
            return await self._lost(watched, ProbeSeen(outcome="unreachable", why=str(error)))
        watched.announced = replica
        await self._announce(replica, ttl_s=self._settings.probe_s * LEASE_PROBES)
        return ProbeSeen(outcome="reachable", why=f"answers at {replica.place}")

    async def _lost(self, watched: _Watched, seen: ProbeSeen) -> ProbeSeen:
        """Take an upstream that was reachable out of the balance: a lease that ends now goes with the next sweep."""
        if watched.announced is not None:
            gone, watched.announced = watched.announced, None
            await self._announce(replace(gone, headers=(), credentials=()), ttl_s=0.0)
        return seen

    async def _announce(self, replica: Replica, *, ttl_s: float) -> None:
        try:
            await self._discovery.announce(Announce(replica=replica, ttl_s=ttl_s))
        except ConflictError:
            log.info("upstream_withdrawn", replica=replica.id)
        except TulouError as error:
            log.warning("upstream_not_announced", replica=replica.id, error=str(error))


def _places(stored: Sequence[StoredDeployment], kept: Sequence[KeptReplica]) -> dict[str, UpstreamPlace]:
    remote = {deployment.spec.name: deployment for deployment in stored if deployment.remote}
    places: dict[str, UpstreamPlace] = {}
    for replica in kept:
        deployment = remote.get(replica.deployment)
        if deployment is None or replica.state in LEAVING or replica.generation != deployment.generation:
            continue
        if replica.slot < len(deployment.spec.upstreams):
            upstream = deployment.spec.upstreams[replica.slot]
            places[replica.id] = UpstreamPlace(
                replica.id, replica.deployment, replica.generation, deployment.spec.concurrency, upstream
            )
    return places
