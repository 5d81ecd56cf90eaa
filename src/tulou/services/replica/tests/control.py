"""Stand-ins for what a worker tells: they remember, and can be told to be away."""

from collections.abc import AsyncGenerator

from tulou.contracts.discovery.messages import Announce, Announced, NameReplica, ReplicaSet, WatchReplicas
from tulou.contracts.observability.messages import (
    GetMetrics,
    GetOverview,
    LogLines,
    MetricsReport,
    MetricsText,
    Overview,
    ReadLogs,
)
from tulou.kernel.errors import ConflictError, UnavailableError
from tulou.kernel.message import Done


class Control:
    """Discovery that can be away, can ask to drain, and can know a replica no more."""

    def __init__(self) -> None:
        self.away = False
        self.draining = False
        self.unknown = False
        self.announced: list[Announce] = []
        self.withdrawn: list[str] = []
        self.asked = 0

    async def announce(self, request: Announce) -> Announced:
        self.asked += 1
        if self.away:
            raise UnavailableError("control is away")
        if self.unknown:
            raise ConflictError("withdrawn")
        self.announced.append(request)
        return Announced(draining=self.draining)

    async def withdraw(self, request: NameReplica) -> Done:
        if self.away:
            raise UnavailableError("control is away")
        self.withdrawn.append(request.id)
        return Done()

    async def drain(self, request: NameReplica) -> Done:
        del request
        self.draining = True
        return Done()

    async def replicas(self, request: WatchReplicas) -> ReplicaSet:
        del request
        return ReplicaSet(revision=0, replicas=())

    async def watch(self, request: WatchReplicas) -> AsyncGenerator[ReplicaSet]:
        yield await self.replicas(request)


class Reports:
    """Observability that keeps the last report."""

    def __init__(self) -> None:
        self.last = MetricsReport(source="", kind="replica", text="")

    async def report(self, request: MetricsReport) -> Done:
        self.last = request
        return Done()

    async def metrics(self, request: GetMetrics) -> MetricsText:
        del request
        return MetricsText(text=self.last.text)

    async def overview(self, request: GetOverview) -> Overview:
        raise NotImplementedError(request)

    async def logs(self, request: ReadLogs) -> LogLines:
        raise NotImplementedError(request)
