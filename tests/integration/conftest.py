"""Real servers for houses that stand on them."""

from tulou.testing.servers.fixtures import openid, postgres, redis, swift

__all__ = ["openid", "postgres", "redis", "swift"]
