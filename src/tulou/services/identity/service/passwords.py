"""Passwords: hashed with argon2id in threads, few at a time, and checked without telling who is known."""

import asyncio
import os
import secrets
import sys
import threading
from base64 import b64encode
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from tulou.kernel.errors import UnavailableError
from tulou.services.identity.domain.passwords import MOST, check_password, normal
from tulou.services.identity.settings import IdentitySettings

WAIT_S = 10.0
NICE = 10
"""How far threads that hash stand back where processors are few: who guesses passwords keeps them busy."""

T = TypeVar("T")


class Passwords:
    """Each look at a password costs the same, whoever it is for: RFC 9106, by default 64 MiB and three passes."""

    def __init__(self, settings: IdentitySettings) -> None:
        self._least = settings.password_least
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_passes,
            memory_cost=settings.argon2_memory_kib,
            parallelism=settings.argon2_lanes,
            type=Type.ID,
        )
        self._turns = asyncio.Semaphore(settings.hashes)
        self._threads = ThreadPoolExecutor(settings.hashes, thread_name_prefix="passwords", initializer=_stand_back)
        self._most_waiting = settings.hashes_waiting
        self._waiting = 0
        self._nobodys = _nobodys(settings)

    async def hashed(self, password: str, *, about: tuple[str, ...] = ()) -> str:
        """Return what to keep of a password; raise `InvalidError` for one that is too easy to guess."""
        check_password(password, least=self._least, about=about)
        return await self._in_turn(lambda: self._hasher.hash(_bytes(password)))

    async def matches(self, kept: str, password: str) -> bool:
        """Say whether a password is the one; for nobody's (`kept` is empty) it takes as long, and is not."""
        return await self._in_turn(lambda: _verified(self._hasher, kept or self._nobodys, _bytes(password))) and bool(
            kept
        )

    async def renewed(self, kept: str, password: str) -> str | None:
        """Return a new hash of a password that matched, if the settings have changed since it was made."""
        if not self._hasher.check_needs_rehash(kept):
            return None
        return await self._in_turn(lambda: self._hasher.hash(_bytes(password)))

    async def _in_turn(self, work: Callable[[], T]) -> T:
        async with self._turn():
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None]:
        """Wait for a turn, a while at most; raise `UnavailableError` where too many wait."""
        if self._turns.locked() and self._waiting >= self._most_waiting:
            raise UnavailableError("too many people sign in at this moment; try again", retry_after_s=1.0)
        self._waiting += 1
        try:
            async with asyncio.timeout(WAIT_S):
                await self._turns.acquire()
        except TimeoutError as error:
            raise UnavailableError("too many people sign in at this moment; try again", retry_after_s=1.0) from error
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()


def _stand_back() -> None:
    """Give way to all other threads, where threads have priorities of their own (sched(7))."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


def _bytes(password: str) -> bytes:
    return normal(password[:MOST]).encode("utf-8", "replace")


def _nobodys(settings: IdentitySettings) -> str:
    """Return a hash that costs as much as any, and that no password has: its result is random."""
    salt, result = (b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in (16, 32))
    costs = f"m={settings.argon2_memory_kib},t={settings.argon2_passes},p={settings.argon2_lanes}"
    return f"$argon2id$v=19${costs}${salt}${result}"


def _verified(hasher: PasswordHasher, kept: str, password: bytes) -> bool:
    try:
        return hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
