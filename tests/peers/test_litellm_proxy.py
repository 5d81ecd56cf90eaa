"""An import from a real LiteLLM proxy that runs is that of the file which it was started with."""

import re
import socket
import subprocess
from collections.abc import Generator
from typing import Any

import pytest
import yaml

from tests.contracts.imports import PROVIDERS, entry, listed
from tests.peers.litellm_peer import ending, program, surroundings
from tulou.cli.litellm import TranslatedHouse, translated
from tulou.cli.litellm.proxy import Proxy
from tulou.kernel.errors import UnauthenticatedError

KEY = "sk-master-for-tests"
READY_S = 180
ENDED_S = 30
READY = re.compile("Uvicorn running on")
CONFIG = listed(
    entry("openai/gpt-4o", name="gpt-4o", rpm=10, input_cost_per_token=1e-06),
    entry("ollama_chat/llama3", name="local", api_base="http://ollama:11434", timeout=30),
    entry("azure/d", name="az", api_base="https://r.openai.azure.com", api_version="2024-10-21"),
    entry("openai/text-embedding-3-small", name="embed", info={"mode": "embedding"}),
    entry("anthropic/claude-sonnet-4-5", name="shared", weight=3, order=1),
    entry("groq/llama-3.3-70b-versatile", name="shared", order=2),
    router_settings={
        "num_retries": 3,
        "timeout": 45,
        "fallbacks": [{"gpt-4o": ["local"]}],
        "model_group_alias": {"big": "gpt-4o"},
    },
    general_settings={"master_key": KEY},
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    file = tmp_path_factory.mktemp("litellm") / "config.yaml"
    file.write_text(yaml.safe_dump(CONFIG), "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program("litellm"), "--config", str(file), "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=surroundings(), cwd=file.parent
    ) as proxy:
        assert proxy.stdout is not None
        try:
            with ending(proxy, READY_S):
                assert any(READY.search(line) for line in proxy.stdout), f"it says that it is up within {READY_S} s"
            yield f"http://127.0.0.1:{port}"
        finally:
            with ending(proxy, ENDED_S):
                proxy.terminate()
                proxy.communicate()


def brought_in(config: object, *, asked: bool) -> TranslatedHouse:
    return translated(config, None, providers=PROVIDERS, variables={}, asked=asked)


def test_what_runs_is_what_the_file_says(url: str) -> None:
    with Proxy(url, KEY) as proxy:
        told = brought_in(proxy.configuration(), asked=True)
        assert proxy.callers() is None, "it has no database"
    written = brought_in(CONFIG, asked=False)
    assert told.imported == written.imported == told.listed
    for section in ("deployments", "prices"):
        assert told.document[section] == written.document[section]
    assert _routes(told) == _routes(written)


def test_a_wrong_key_is_refused_and_the_error_says_which_is_right(url: str) -> None:
    with Proxy(url, "sk-wrong") as proxy, pytest.raises(UnauthenticatedError, match="master key"):
        proxy.configuration()


def _routes(found: TranslatedHouse) -> dict[str, Any]:
    """Return routes without breakers, of which a proxy that runs says its defaults."""
    document: dict[str, Any] = dict(found.document)
    return {
        route["model"]: {name: value for name, value in route.items() if name != "breaker"}
        for route in document["routes"]
    }
