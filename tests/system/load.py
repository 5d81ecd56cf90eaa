"""Ask the gate without a pause, and remember every answer."""

import threading
from collections import Counter
from types import TracebackType
from typing import Self

import httpx2

from tests.system.house import House, client, until

CHAT = {"model": "tulou-demo", "messages": [{"role": "user", "content": "What is Tulou?"}], "max_tokens": 12}


class Load:
    """Some clients that ask in turn, each on a connection of its own, until the block ends."""

    def __init__(self, house: House, *, clients: int = 4, stream: bool = False) -> None:
        self.answers: Counter[str] = Counter()
        self.failures: list[str] = []
        self._url, self._key = house.url, house.key
        self._body = {**CHAT, "stream": stream}
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        self.wait_for(more=len(self._threads) * 2)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(60)

    def wait_for(self, *, more: int) -> None:
        """Wait until so many more requests have ended, well or badly."""
        goal = self._count() + more
        until(lambda: self._count() >= goal, what=f"{more} more answers; failures: {self.failures[:3]}")

    def _count(self) -> int:
        return self.answers.total() + len(self.failures)

    def _ask(self) -> None:
        with client(self._url, self._key) as http:
            while not self._ended.is_set():
                try:
                    reply = http.post("/v1/chat/completions", json=self._body)
                except httpx2.TransportError as error:
                    self.failures.append(repr(error))
                    continue
                self._keep(reply)

    def _keep(self, reply: httpx2.Response) -> None:
        whole = reply.status_code == 200 and ("[DONE]" in reply.text or "choices" in reply.text)
        broken = '"error"' in reply.text
        if whole and not broken:
            self.answers[reply.headers["x-tulou-replica"]] += 1
        else:
            self.failures.append(f"{reply.status_code} {reply.text[-500:]}")
