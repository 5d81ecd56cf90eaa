"""How busy the engine is, asked for twice a second, and shown with the name of the replica on every series."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from tulou.contracts.discovery.messages import ReplicaLoad
from tulou.kernel.errors import TulouError
from tulou.ports.engine import Engine, EngineLoad, MeasuredEngine
from tulou.ports.launcher import WorkerSpec
from tulou.services.replica.host.room import RequestSlots

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

ASK_EVERY_S = 0.5
ASK_TIMEOUT_S = 2.0


class LoadReporter(Collector):
    """The last load that is known; an engine too busy to answer keeps its last figures."""

    def __init__(self, engine: Engine, spec: WorkerSpec, *, room: RequestSlots | None = None) -> None:
        self._engine = engine
        self._room = room
        self._labels = {
            "model": spec.model,
            "deployment": spec.deployment,
            "replica": spec.replica,
            "engine": spec.engine,
        }
        self._text = ""
        self.load = EngineLoad()

    @property
    def announced(self) -> ReplicaLoad:
        """The load as discovery wants it."""
        load = self.load
        return ReplicaLoad(running=load.running, waiting=load.waiting, cache_usage=load.cache_usage)

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            await self.ask()
            await asyncio.sleep(ASK_EVERY_S)

    async def ask(self) -> bool:
        """Ask now; return whether the engine answered."""
        try:
            async with asyncio.timeout(ASK_TIMEOUT_S):
                self.load = self._with_room(await self._engine.load())
                if isinstance(self._engine, MeasuredEngine):
                    self._text = await self._engine.metrics()
        except (TulouError, TimeoutError) as error:
            log.debug("engine_too_busy_to_tell", error=str(error))
            return False
        return True

    def _with_room(self, load: EngineLoad) -> EngineLoad:
        """Count at the door where the door is ours: what waits there is unknown to the engine."""
        return load if self._room is None else replace(load, running=self._room.running, waiting=self._room.waiting)

    def collect(self) -> Iterable[Metric]:
        """Yield our own figures, then the engine's under its own names."""
        load = self.load
        for name, text, value in (
            ("running", "Requests that are being answered.", load.running),
            ("waiting", "Requests that wait for a slot.", load.waiting),
            ("cache_usage_ratio", "Share of the key-value cache in use.", load.cache_usage),
        ):
            family = GaugeMetricFamily(f"tulou_replica_{name}", text, labels=list(self._labels))
            family.add_metric(list(self._labels.values()), value)
            yield family
        yield from self._engines_own()

    def _engines_own(self) -> Iterable[Metric]:
        for family in text_string_to_metric_families(self._text):
            named = [sample._replace(labels={**self._labels, **sample.labels}) for sample in family.samples]
            family.samples = named
            yield family
