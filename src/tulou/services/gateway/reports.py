"""Tells the control process how credentials were received, in the background: no request waits for it."""

import asyncio
from collections import OrderedDict
from typing import Protocol

import structlog

from tulou.contracts.upstreams.messages import ReportCredential
from tulou.kernel.errors import TulouError
from tulou.kernel.message import Done

log = structlog.get_logger()

MOST = 1000
"""Reports that may wait: one for each credential, the newest; older ones of others give way."""

PAUSE_S, PAUSE_MAX_S = 0.5, 30.0
LIMITED = 429


class Listener(Protocol):
    """The one question of `contracts.upstreams.Upstreams` that is asked here."""

    async def report_credential(self, request: ReportCredential) -> Done:
        """Retire a credential that was refused; let one that was limited rest."""
        ...


class CredentialReports:
    """Implements `stack.credentials.CredentialListener`."""

    def __init__(self, upstreams: Listener, *, gateway: str) -> None:
        self._upstreams = upstreams
        self._gateway = gateway
        self._waiting: OrderedDict[str, ReportCredential] = OrderedDict()
        self._news = asyncio.Event()

    def refused(self, credential: str, status: int, *, served: bool, named: bool) -> None:
        """Say that a vendor may not take a credential any more."""
        log.warning("credential_refused", credential=credential, status=status, named=named)
        self._add(
            ReportCredential(
                id=credential, outcome="refused", status=status, gateway=self._gateway, served=served, named=named
            )
        )

    def limited(self, credential: str, retry_after_s: float) -> None:
        """Say that a vendor asks to slow down; what was said of a refusal stays."""
        waiting = self._waiting.get(credential)
        if waiting is None or waiting.outcome != "refused":
            self._add(
                ReportCredential(
                    id=credential,
                    outcome="limited",
                    status=LIMITED,
                    retry_after_s=retry_after_s,
                    gateway=self._gateway,
                )
            )

    async def run(self) -> None:
        """Tell what there is to tell until cancelled; while control is away it waits."""
        pause = PAUSE_S
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                id_, report = self._waiting.popitem(last=False)
                try:
                    await self._upstreams.report_credential(report)
                    pause = PAUSE_S
                except TulouError as error:
                    if error.status < 500:  # noqa: PLR2004 - a server's error; of any other no second try helps
                        continue
                    self._waiting.setdefault(id_, report)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, PAUSE_MAX_S)

    def _add(self, report: ReportCredential) -> None:
        self._waiting[report.id] = report
        if len(self._waiting) > MOST:
            self._waiting.popitem(last=False)
        self._news.set()
