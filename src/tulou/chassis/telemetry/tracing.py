"""Tracing as a process uses it: on where an endpoint is set, exported in the background until the process ends."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pkgutil import resolve_name
from typing import TYPE_CHECKING, cast

from tulou.chassis.telemetry.traces import Tracing
from tulou.kernel.errors import InvalidError
from tulou.kernel.message import message

if TYPE_CHECKING:
    from tulou.chassis.telemetry.otlp import OtlpExport

EXPORTER = "tulou.chassis.telemetry.otlp:OtlpExport"
"""By name, so that the SDK's 5 MiB and 50 ms are paid only where spans are exported."""

LAST_EXPORT_S = 3.0


@message
class TracingSettings:
    """Where spans go; off by default.

    endpoint: base URL of an OTLP/HTTP collector, such as http://127.0.0.1:4318; empty switches tracing off
    sample: share of the traces that begin here and are kept, from 0 to 1; a caller's own decision is followed
    """

    endpoint: str = ""
    sample: float = 1.0


@asynccontextmanager
async def open_tracing(settings: TracingSettings, *, house: str, process: str, version: str) -> AsyncGenerator[Tracing]:
    """Return where spans are recorded; what is left is sent when the block ends, at most `LAST_EXPORT_S` long."""
    if not settings.endpoint:
        yield Tracing()
        return
    if not settings.endpoint.startswith(("http://", "https://")):
        raise InvalidError(
            f"[tracing] endpoint = {settings.endpoint!r} is no http:// or https:// URL", param="tracing.endpoint"
        )
    make = cast("Callable[..., OtlpExport]", resolve_name(EXPORTER))
    export = make(settings.endpoint, house=house, process=process, version=version)
    tracing = Tracing(export, sample=settings.sample)
    exporting = asyncio.create_task(tracing.export_forever(), name="export-spans")
    try:
        yield tracing
    finally:
        exporting.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_EXPORT_S):
                await tracing.flush()
        await asyncio.to_thread(export.close)
