"""Metering's jobs."""

import msgspec

from tulou.chassis.jobs import JobRun
from tulou.services.metering.service import MeteringService


class MeteringHandlers:
    """What metering does when the queue says so."""

    def __init__(self, service: MeteringService) -> None:
        self._service = service

    async def recompute(self, run: JobRun) -> str:
        """Price a span anew; return what that changed."""
        return msgspec.json.encode(await self._service.recomputing.run(run)).decode()
