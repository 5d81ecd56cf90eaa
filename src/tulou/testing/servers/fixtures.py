"""The servers as pytest fixtures, each started once a session, and only when a test asks for it.

One `conftest.py` above all tests imports them: each import is a fixture of its own, with a server of its own.
"""

import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from tulou.testing.servers.openid import FOLDER, OpenIdServer, openid_server
from tulou.testing.servers.postgres import PostgresServer, postgres_server
from tulou.testing.servers.redis import RedisServer, redis_server
from tulou.testing.servers.swift import SwiftServer, swift_server


@pytest.fixture(scope="session")
def postgres() -> Generator[PostgresServer]:
    """Run PostgreSQL."""
    _need("postgres", "postgresql", beside="/usr/lib/postgresql")
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def redis() -> Generator[RedisServer]:
    """Run Redis."""
    _need("redis-server", "redis-server")
    with redis_server() as server:
        yield server


@pytest.fixture(scope="session")
def swift() -> Generator[SwiftServer]:
    """Run an S3 server."""
    _need("swift-proxy-server", "swift-proxy swift-account swift-container swift-object")
    with swift_server() as server:
        yield server


@pytest.fixture(scope="session")
def openid() -> Generator[OpenIdServer]:
    """Run an OpenID provider."""
    _need("node", "nodejs")
    if not (FOLDER / "node_modules").is_dir():
        pytest.fail(f"oidc-provider is not installed: cd {FOLDER} && npm ci")
    with openid_server() as server:
        yield server


def _need(program: str, packages: str, *, beside: str = "") -> None:
    if not shutil.which(program) and not (beside and Path(beside).is_dir()):
        pytest.fail(f"{program} is not installed: apt-get install --no-install-recommends {packages}")
