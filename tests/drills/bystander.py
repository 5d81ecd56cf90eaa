"""The modest tenant's process, and what it has seen."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.drills.modest import KINDS
from tests.drills.stage import Keys
from tests.system.house import House, until

WELL = 2
"""So many good answers of each kind, one after the other, show that all is well again."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One request: times are Unix seconds, `trouble` is empty when all was well."""

    began: float
    ended: float
    kind: str
    trouble: str

    @property
    def took_ms(self) -> float:
        """How long it took, in milliseconds."""
        return 1000 * (self.ended - self.began)


class Bystander:
    """Runs the modest tenant while the block runs."""

    def __init__(self, house: House, keys: Keys) -> None:
        command = [sys.executable, "-m", "tests.drills.modest", house.url, keys.key, keys.admin]
        self._seen: list[Seen] = []
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._thread.join()
        self._process.communicate()

    def between(self, began: float, ended: float) -> Sequence[Seen]:
        """Return the requests that were on their way at any time between."""
        return [each for each in self._seen if each.ended >= began and each.began <= ended]

    def watch(self, seconds: float) -> Sequence[Seen]:
        """Return the requests of the next so many seconds, which are quiet ones."""
        began = time.time()
        until(lambda: time.time() >= began + seconds, what="the end of the watch")
        return self.between(began, time.time())

    def wait_until_well(self) -> None:
        """Wait until requests of every kind that begin from now on are answered again."""
        since = time.time()

        def well() -> bool:
            later = [each for each in self._seen if each.began >= since]
            return all(_ends_well([each for each in later if each.kind == kind]) for kind in KINDS)

        until(well, what="answers for the modest tenant")

    def _read(self) -> None:
        for seen in self._lines():
            self._seen.append(seen)

    def _lines(self) -> Iterator[Seen]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            yield Seen(**json.loads(line))


def _ends_well(requests: Sequence[Seen]) -> bool:
    return len(requests) >= WELL and not any(each.trouble for each in requests[-WELL:])
