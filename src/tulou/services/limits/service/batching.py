"""Messages that come together are worked on together."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tulou.contracts.limits.messages import LeaseShares, Shares
from tulou.kernel.errors import LimitedError, TulouError

TOGETHER = 64
"""Messages in one transaction."""
WAITING_CAP = 4096


@dataclass(slots=True, eq=False)
class PendingMessage:
    """A message, and who waits for its answer."""

    request: LeaseShares
    answer: asyncio.Future[Shares]


Answers = Sequence[Shares | TulouError]


class MessageBatcher:
    """Whoever comes first works for all who came until it was its turn: under load transactions grow, not queues."""

    def __init__(self, work: Callable[[Sequence[LeaseShares]], Awaitable[Answers]]) -> None:
        self._work = work
        self._turn = asyncio.Lock()
        self._waiting: list[PendingMessage] = []

    async def __call__(self, request: LeaseShares) -> Shares:
        """Return the answer to a message."""
        if len(self._waiting) >= WAITING_CAP:
            raise LimitedError(f"{WAITING_CAP} messages of gateways wait for allowances already", retry_after_s=1.0)
        mine = PendingMessage(request, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        try:
            async with self._turn:
                while not mine.answer.done():
                    await self._round(mine)
            return mine.answer.result()
        finally:
            if mine in self._waiting:
                self._waiting.remove(mine)

    async def _round(self, mine: PendingMessage) -> None:
        batch = self._take()
        try:
            answers = await self._work([one.request for one in batch])
        except BaseException as error:
            self._failed(batch, mine, error)
            raise
        for one, answer in zip(batch, answers, strict=True):
            if one.answer.done():
                continue
            if isinstance(answer, TulouError):
                one.answer.set_exception(answer)
                one.answer.exception()  # whoever waits for it may have left
            else:
                one.answer.set_result(answer)

    def _take(self) -> list[PendingMessage]:
        """Take messages that wait, in order, of each gateway one."""
        taken: dict[str, PendingMessage] = {}
        for one in self._waiting:
            if len(taken) < TOGETHER:
                taken.setdefault(one.request.gateway, one)
        batch = list(taken.values())
        self._waiting = [one for one in self._waiting if one not in batch]
        return batch

    def _failed(self, batch: Sequence[PendingMessage], mine: PendingMessage, error: BaseException) -> None:
        """Let the others try again themselves when only this caller left; tell them what failed else."""
        others = [one for one in batch if one is not mine and not one.answer.done()]
        if isinstance(error, TulouError):
            for one in others:
                one.answer.set_exception(error)
                one.answer.exception()
        else:
            self._waiting = [*others, *self._waiting]
