"""Real servers for houses that stand on them."""

from tulou.testing.servers.fixtures import postgres, redis, swift

__all__ = ["postgres", "redis", "swift"]
