"""llama.cpp with a probe loaded, asked for what it does with texts."""

import importlib
import json
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Sequence
from secrets import token_urlsafe
from typing import Any

from tulou.adapters.gguf.checking.flushing import write_log
from tulou.adapters.gguf.checking.messages import Message, Tool

_TIMEOUT_S = 60.0
_CONTEXT = 64
_SERVERS: list[Any] = []
"""They live as long as the process: to destroy one is to wait for its threads, now and then for ever."""


class LoadError(Exception):
    """A file that llama.cpp does not load: what it wrote into its log."""


class RenderRefusedError(Exception):
    """A text or a conversation that llama.cpp refuses: what it says."""


class ProbeServer:
    """A loaded file behind a loopback port that only this process can use."""

    def __init__(self, path: str) -> None:
        self._token = token_urlsafe(16)
        native: Any = importlib.import_module("xllamacpp")
        made = native.CommonParams()
        made.model.path = path
        made.hostnames, made.port, made.api_keys = ["127.0.0.1"], 0, [self._token]
        made.ui, made.warmup, made.offline, made.use_jinja, made.fit_params = False, False, True, True, False
        made.n_ctx = made.n_batch = made.n_ubatch = _CONTEXT
        made.n_parallel = made.n_threads_http = made.cpuparams.n_threads = made.cpuparams_batch.n_threads = 1
        made.verbosity = 1
        self._server = _loaded(native, made)
        _SERVERS.append(self._server)

    def render(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> str:
        """Return the text that the template makes; raise `RenderRefusedError`."""
        body = {"messages": list(messages), **({"tools": list(tools)} if tools else {})}
        return str(self._post("/apply-template", body)["prompt"])

    def tokenize(self, text: str, *, adds_special: bool) -> list[int]:
        """Return the tokens of a text, in which special ones are recognised; raise `RenderRefusedError`."""
        body = {"content": text, "add_special": adds_special, "parse_special": True}
        return list(self._post("/tokenize", body)["tokens"])

    def _post(self, path: str, body: object) -> Any:
        headers = {"authorization": f"Bearer {self._token}", "content-type": "application/json"}
        address = f"{self._server.listening_address}{path}"
        request = urllib.request.Request(address, json.dumps(body).encode(), headers)  # noqa: S310 # loopback
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 # the same
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise RenderRefusedError(str(json.loads(error.read())["error"]["message"])) from error


def _loaded(native: Any, made: Any) -> Any:
    """Load, and keep what llama.cpp writes into its log meanwhile."""
    with tempfile.TemporaryFile() as log:
        before = os.dup(2)
        os.dup2(log.fileno(), 2)
        try:
            return native.Server(made)
        except RuntimeError as error:
            write_log()
            log.seek(0)
            raise LoadError(log.read().decode(errors="replace")) from error
        finally:
            os.dup2(before, 2)
            os.close(before)
