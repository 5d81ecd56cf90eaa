"""The life of a worker, from a spec to an exit code."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Protocol, TypeVar

import structlog
from prometheus_client import CollectorRegistry

from tulou.chassis.telemetry.metrics import ProcessCollector, report_forever
from tulou.contracts.discovery.api import Discovery
from tulou.contracts.discovery.messages import Replica
from tulou.contracts.observability.api import Observability
from tulou.contracts.replica.messages import GetReplicaStatus, Phase, ReplicaReport, WorkerExit
from tulou.kernel.clock import Clock
from tulou.kernel.errors import TulouError, UnavailableError
from tulou.ports.blobs import Blobs
from tulou.ports.engine import Engine, EngineSpec, Modality, PerceivingEngine, TokenizingEngine
from tulou.ports.launcher import WorkerSpec
from tulou.services.replica.artifact import bring
from tulou.services.replica.domain import engine_spec, exit_of
from tulou.services.replica.host.server import endpoint
from tulou.services.replica.lease import DiscoveryLease
from tulou.services.replica.leaving import DrainRequest
from tulou.services.replica.measuring import ASK_EVERY_S, LoadReporter
from tulou.services.replica.settings import ReplicaSettings
from tulou.services.replica.warming import warm

T = TypeVar("T")

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

CLOSE_DEADLINE_S = 5.0


class EngineMaker(Protocol):
    """An entry point of `tulou.engines`: makes an engine without loading anything."""

    def __call__(self, spec: EngineSpec, /) -> Engine:
        """Make the engine; raise `InvalidError` for a spec that it cannot honour."""
        ...


class _LeftError(Exception):
    """The worker was asked to end before it served."""


class Worker:
    """One replica. Once it serves, only its own engine can end it, or being asked to."""

    def __init__(
        self,
        spec: WorkerSpec,
        *,
        discovery: Discovery,
        observability: Observability,
        blobs: Blobs,
        engine_factory: EngineMaker,
        clock: Clock,
        settings: ReplicaSettings,
    ) -> None:
        self._spec = spec
        self._discovery = discovery
        self._observability = observability
        self._blobs = blobs
        self._engine_factory = engine_factory
        self._clock = clock
        self._settings = settings
        self._phase: Phase = "fetching"
        self._why = "begins"
        self._since = clock.now()
        self._url = ""
        self._modalities: tuple[Modality, ...] = ("text",)
        self._longest_token = 0
        self._measuring: LoadReporter | None = None
        self.leaving = DrainRequest()

    async def status(self, request: GetReplicaStatus) -> ReplicaReport:  # noqa: ARG002 # the contract's shape
        """Say how it is now."""
        spec, load = self._spec, self._measuring.announced if self._measuring else None
        return ReplicaReport(
            id=spec.replica,
            deployment=spec.deployment,
            generation=spec.generation,
            model=spec.model,
            version=spec.version,
            engine=spec.engine,
            phase=self._phase,
            why=self._why,
            since=self._since,
            url=self._url,
            running=load.running if load else 0,
            waiting=load.waiting if load else 0,
        )

    async def run(self) -> WorkerExit:
        """Live; return how it ended, which a log line has explained."""
        try:
            async with AsyncExitStack() as stack:
                await self._serve(await self._prepare(stack))
        except _LeftError:
            log.info("replica_left_early", replica=self._spec.replica, why=self.leaving.why)
        except Exception as error:  # noqa: BLE001 # the edge of the process: every end becomes an exit code
            return self._failed(error)
        self._enter("ended", self.leaving.why)
        return WorkerExit.OK

    async def _prepare(self, stack: AsyncExitStack) -> LoadReporter:
        """Fetch, load and warm; whatever the stack holds is closed at the end."""
        spec = self._spec
        self._enter("fetching", f"{len(spec.files)} files of {spec.model} version {spec.version}")
        files = await self._unless_left(bring(spec.files, self._blobs, Path(spec.cache)))
        self._enter("choosing", f"engine {spec.engine}")
        engine = self._engine_factory(engine_spec(spec, files))
        if isinstance(engine, PerceivingEngine):
            self._modalities = engine.modalities
        self._enter("loading", f"engine {spec.engine}")
        await stack.enter_async_context(_closing(engine))
        await self._unless_left(engine.open())
        if isinstance(engine, TokenizingEngine):
            self._longest_token = engine.longest_token
        reached = await stack.enter_async_context(endpoint(engine, spec, self._settings))
        self._url = reached.url
        self._measuring = LoadReporter(engine, spec, room=reached.room)
        self._enter("warming", "waits for a first answer")
        deadline_s = self._settings.warm_deadline_s
        await self._unless_left(
            warm(self._url, model=spec.model, task=spec.task, token=spec.token, deadline_s=deadline_s)
        )
        return self._measuring

    async def _serve(self, measuring: LoadReporter) -> None:
        """Announce until asked to go, then finish what runs."""
        registry = CollectorRegistry()
        registry.register(ProcessCollector())
        registry.register(measuring)
        lease = self._lease(measuring)
        await measuring.ask()
        self._enter("serving", f"answers at {self._url}")
        async with asyncio.TaskGroup() as tasks:
            source = self._spec.replica
            reporting = report_forever(self._observability, source=source, kind="replica", registry=registry)
            background = [tasks.create_task(one) for one in (lease.run(), measuring.run(), reporting)]
            await self.leaving.asked.wait()
            self._enter("stopping", self.leaving.why)
            background[0].cancel()
            await lease.withdraw()
            await self._finish(measuring)
            for task in background:
                task.cancel()

    def _lease(self, measuring: LoadReporter) -> DiscoveryLease:
        spec = self._spec
        replica = Replica(
            id=spec.replica,
            deployment=spec.deployment,
            generation=spec.generation,
            url=self._url,
            headers=(("authorization", f"Bearer {spec.token}"),),
            concurrency=spec.concurrency,
            model=spec.model,
            modalities=self._modalities,
            longest_token=self._longest_token,
            named_tools=False,  # llama.cpp takes them for `auto`; what the gate says instead, all engines understand
        )
        return DiscoveryLease(
            self._discovery,
            replica,
            load=lambda: measuring.announced,
            drain=self._drain,
            refused=lambda: self.leaving.leave("discovery has withdrawn this replica"),
            settings=self._settings,
        )

    def _drain(self) -> None:
        if self._phase == "serving":
            self._enter("draining", "asked by discovery: gets no new requests")

    async def _finish(self, measuring: LoadReporter) -> None:
        """Wait until nothing runs, twice in a row since a request may be on its way here, or time is over."""
        quiet = 0
        try:
            async with asyncio.timeout(self._settings.drain_deadline_s):
                while quiet < 2 and not self.leaving.hurry.is_set():  # noqa: PLR2004 # see above
                    idle = await measuring.ask() and not measuring.load.running + measuring.load.waiting
                    quiet = quiet + 1 if idle else 0
                    await _either(self.leaving.hurry, ASK_EVERY_S / 5)
        except TimeoutError:
            log.warning("answers_cut_off", running=measuring.load.running, after_s=self._settings.drain_deadline_s)

    async def _unless_left(self, work: Coroutine[object, object, T]) -> T:
        """Do something before the worker serves; give it up at once when asked to end."""
        task = asyncio.ensure_future(work)
        asked = asyncio.ensure_future(self.leaving.asked.wait())
        try:
            await asyncio.wait({task, asked}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise _LeftError
            return task.result()
        finally:
            for one in (task, asked):
                one.cancel()
            await asyncio.gather(task, asked, return_exceptions=True)

    def _failed(self, error: Exception) -> WorkerExit:
        code = exit_of(self._phase, error)
        expected = isinstance(error, TulouError)
        why = str(error) or type(error).__name__
        sys.stderr.write(f"{why}\n")  # a launcher tells a worker's last line to whoever asks why it ended
        log.error(
            "replica_failed",
            replica=self._spec.replica,
            phase=self._phase,
            why=why,
            exit=code.name,
            exc_info=None if expected else error,
        )
        return code

    def _enter(self, phase: Phase, why: str) -> None:
        now = self._clock.now()
        took_ms = round((now - self._since) * 1000)
        self._phase, self._why, self._since = phase, why, now
        log.info("replica_phase", replica=self._spec.replica, phase=phase, why=why, after_ms=took_ms)


@asynccontextmanager
async def _closing(engine: Engine) -> AsyncGenerator[None]:
    """Close the engine at the end, however long it would like to take."""
    try:
        yield
    finally:
        try:
            async with asyncio.timeout(CLOSE_DEADLINE_S):
                await engine.close()
        except (TimeoutError, UnavailableError) as error:
            log.warning("engine_left_open", why=str(error) or f"did not close within {CLOSE_DEADLINE_S:g} s")


async def _either(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
