"""`tulou chat MODEL`: a conversation in the terminal, over the same API that every client uses."""

import json
import sys
from collections.abc import Iterator
from typing import Annotated

import httpx2
from cyclopts import App, Parameter

from tulou.cli.house import address, failure, no_house
from tulou.cli.options import DEFAULTS, Options
from tulou.cli.output import say
from tulou.kernel.errors import UnavailableError

READ_TIMEOUT_S = 300.0

Message = dict[str, str]


def register(app: App) -> None:
    """Add the command."""
    app.command(chat)


def chat(
    model: str = "tulou-demo",
    message: Annotated[str, Parameter(help="Say this and print the answer. [default: a conversation]")] = "",
    /,
    *,
    system: Annotated[str, Parameter(help="What the model is told before all else.")] = "",
    temperature: float = 0.0,
    max_tokens: int = 512,
    options: Options = DEFAULTS,
) -> None:
    """Talk to a model; an empty line or Ctrl-D ends the conversation."""
    url, key = address(options)
    history: list[Message] = [{"role": "system", "content": system}] if system else []
    settings: dict[str, object] = {"model": model, "temperature": temperature, "max_tokens": max_tokens}
    timeout = httpx2.Timeout(10, read=READ_TIMEOUT_S)
    with httpx2.Client(
        base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=timeout, trust_env=False
    ) as http:
        for said in [message] if message else _asked():
            history.append({"role": "user", "content": said})
            answer = _printed(_streamed(http, settings, history), as_json=options.json)
            history.append({"role": "assistant", "content": answer})


def _asked() -> Iterator[str]:
    prompt = "> " if sys.stdin.isatty() else ""
    while True:
        try:
            said = input(prompt).strip()
        except EOFError:
            return
        if not said:
            return
        yield said


def _printed(pieces: Iterator[str], *, as_json: bool) -> str:
    answer = ""
    for piece in pieces:
        answer += piece
        if not as_json:
            print(piece, end="", flush=True)
    say(json.dumps({"content": answer}, ensure_ascii=False) if as_json else "")
    return answer


def _streamed(http: httpx2.Client, settings: dict[str, object], history: list[Message]) -> Iterator[str]:
    body = {**settings, "messages": history, "stream": True}
    try:
        with http.stream("POST", "/v1/chat/completions", json=body) as reply:
            if reply.is_error:
                raise failure(reply.status_code, reply.read())
            for line in reply.iter_lines():
                if line.startswith("data: {"):
                    yield _piece(json.loads(line.removeprefix("data: ")))
    except httpx2.ConnectError as error:
        raise no_house(str(http.base_url), error) from error
    except httpx2.TransportError as error:
        raise UnavailableError(f"the answer broke off ({error}); ask again") from error


def _piece(event: dict[str, object]) -> str:
    if "error" in event:
        raise failure(502, json.dumps(event).encode())
    match event:
        case {"choices": [{"delta": {"content": str(text)}}]}:
            return text
        case _:
            return ""
