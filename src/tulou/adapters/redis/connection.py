"""How Redis is reached: deadlines, retries with back-off, and errors that name the server."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tulou.kernel.errors import InvalidError, UnavailableError

if TYPE_CHECKING:
    from redis.asyncio import Redis

CONNECT_S = 2.0
ANSWER_S = 5.0
RETRIES = 3
POOL = 64
PREFIX = "tulou"


def connect(url: str) -> "tuple[Redis, str]":
    """Return a client for `redis://[USER:PASSWORD@]HOST[:PORT]/[DB][?prefix=P]` and the prefix of its keys.

    Connections are made when they are needed, and made again when they were lost.
    """
    try:
        from redis.asyncio import BlockingConnectionPool, Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import ExponentialBackoff
    except ImportError as error:
        raise InvalidError(
            f"{_shown(url)} needs the extra `redis`: `.venv/bin/pip install -e '.[redis]'` where Tulou is installed"
        ) from error
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    prefix = query.pop("prefix", PREFIX)
    pool = BlockingConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType] - untyped keywords
        urlunsplit(parts._replace(query=urlencode(query))),
        max_connections=POOL,
        timeout=ANSWER_S,
        socket_connect_timeout=CONNECT_S,
        socket_timeout=ANSWER_S,
        health_check_interval=15,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.02), RETRIES),
    )
    return Redis.from_pool(pool), prefix


@contextmanager
def refusals(url: str) -> Generator[None]:
    """Turn what the client raises into errors a caller knows."""
    from redis.exceptions import ConnectionError as LostError
    from redis.exceptions import ReadOnlyError, RedisError
    from redis.exceptions import TimeoutError as LateError

    try:
        with _unswallowed():
            yield
    except (LostError, LateError, OSError) as error:
        raise UnavailableError(f"Redis at {_shown(url)} does not answer ({error}); is it running?") from error
    except ReadOnlyError as error:
        raise UnavailableError(f"Redis at {_shown(url)} is a read-only replica; name its primary") from error
    except RedisError as error:
        if str(error).startswith(("OOM", "MISCONF", "LOADING", "BUSY")):
            raise UnavailableError(f"Redis at {_shown(url)} refuses to work: {error}") from error
        raise


@contextmanager
def _unswallowed() -> Generator[None]:
    """Raise the cancellation that `asyncio.wait_for`, in which the client sends, forgets before Python 3.12."""
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    try:
        yield
    finally:
        if task and task.cancelling() > before:
            raise asyncio.CancelledError


def _shown(url: str) -> str:
    """Leave the password out."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 6379}"
