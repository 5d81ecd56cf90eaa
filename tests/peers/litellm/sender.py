"""Runs with LiteLLM's own Python: sends one request by each entry of the configurations on standard input.

Input: a line `{"port": ..., "configurations": [{"name", "config", "environment", "operations"}]}`. Output: a line of
JSON as an entry begins, and one as it ends, which says why if no answer came; it goes on when a line comes for each, so
that nothing is taken for what the next entry sends. Whatever host a request is for, it goes to the recording server at
`port`, as `/<host><path>`.
"""

import asyncio
import json
import os
import sys
from typing import Any

import httpx  # pyright: ignore[reportMissingImports] - both are of LiteLLM's environment
import litellm  # pyright: ignore[reportMissingImports]
import litellm.proxy.proxy_server  # pyright: ignore[reportMissingImports]

HTTPX: Any = httpx
LITELLM: Any = litellm

TIMEOUT_S = 20


def redirect_everything(port: int) -> None:
    """Let every client of the process ask the recording server."""
    plain, later = HTTPX.HTTPTransport.handle_request, HTTPX.AsyncHTTPTransport.handle_async_request

    def redirected(request: Any) -> Any:
        path = f"/{request.url.netloc.decode()}{request.url.raw_path.decode()}"
        kept = [(name, value) for name, value in request.headers.raw if name.lower() != b"host"]
        return HTTPX.Request(
            request.method,
            f"http://127.0.0.1:{port}{path}",
            headers=[(b"host", b"127.0.0.1"), *kept],
            stream=request.stream,
            extensions=request.extensions,
        )

    def handle(self: Any, request: Any) -> Any:
        return plain(self, redirected(request))

    async def handle_later(self: Any, request: Any) -> Any:
        return await later(self, redirected(request))

    HTTPX.HTTPTransport.handle_request = handle
    HTTPX.AsyncHTTPTransport.handle_async_request = handle_later


async def send(entry: dict[str, Any], operation: str) -> None:
    """Send one request by an entry."""
    router = LITELLM.Router(model_list=[entry], num_retries=0, disable_cooldowns=True)
    model = entry["model_name"].replace("*", "some-model")
    match operation:
        case "embedding":
            await router.aembedding(model=model, input=["hello"])
        case "rerank":
            await router.arerank(model=model, query="hello", documents=["a", "b"])
        case "moderation":
            await router.amoderation(model=model, input="hello")
        case _:
            await router.acompletion(model=model, messages=[{"role": "user", "content": "hello"}])


async def main() -> None:
    """Answer for every configuration."""
    asked = json.loads(sys.stdin.readline())
    LITELLM.disable_aiohttp_transport = True
    redirect_everything(asked["port"])
    surroundings = dict(os.environ)
    for one in asked["configurations"]:
        os.environ.clear()
        os.environ.update({**surroundings, **one["environment"]})
        config = LITELLM.proxy.proxy_server.ProxyConfig()._check_for_os_environ_vars(one["config"])
        for number, entry in enumerate(config.get("model_list") or []):
            tell(one["name"], number, begins=True)
            why = ""
            try:
                await asyncio.wait_for(send(entry, one["operations"].get(str(number), "chat")), TIMEOUT_S)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is why nothing went out
                why = f"{type(error).__name__}: {error}"
            tell(one["name"], number, why=why)


def tell(name: str, number: int, **more: object) -> None:
    """Print a line about an entry, and wait until it has been read."""
    print(json.dumps({"name": name, "number": number, **more}), flush=True)  # noqa: T201 - that is how it answers
    if not sys.stdin.readline():
        sys.exit("nobody reads any more")


if __name__ == "__main__":
    asyncio.run(main())
