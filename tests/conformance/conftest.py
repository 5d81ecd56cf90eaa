"""Servers for the adapters, and readable assertions in the suites."""

import pytest

pytest.register_assert_rewrite("tulou.testing.conformance")

from tulou.testing.servers.fixtures import postgres, redis, swift  # noqa: E402 - after the line above takes effect

__all__ = ["postgres", "redis", "swift"]
