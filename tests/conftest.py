"""Real servers, each started once and only when a test asks for it, and readable assertions in the suites."""

import pytest

pytest.register_assert_rewrite("tulou.testing.conformance")

from tulou.testing.servers.fixtures import openid, postgres, redis, swift  # noqa: E402 - after the line above takes effect

__all__ = ["openid", "postgres", "redis", "swift"]
