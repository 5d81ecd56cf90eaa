"""Tiny models for the engines, made once a session."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tulou.ports.engine import EngineSpec, SelfServingEngine
from tulou.testing.http import http_client
from tulou.testing.tiny_gguf import write_tiny_gguf

TOKEN = "loopback-token"


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


@pytest.fixture(scope="session")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("endless") / "endless.gguf", endless=True)


def spec_of(path: Path, **changed: Any) -> EngineSpec:
    facts: dict[str, Any] = {
        "model": "tiny",
        "task": "chat",
        "format": "gguf",
        "architecture": "llama",
        "files": {path.name: str(path)},
        "context_length": 2048,
        "concurrency": 2,
        "token": TOKEN,
    }
    return EngineSpec(**{**facts, **changed})


def user(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


@asynccontextmanager
async def client_of(engine: SelfServingEngine) -> AsyncGenerator[httpx2.AsyncClient]:
    headers = {"authorization": f"Bearer {TOKEN}"}
    async with http_client(engine.base_url, headers=headers) as http:
        yield http
