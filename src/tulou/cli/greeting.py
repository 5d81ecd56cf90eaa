"""What `tulou up` says once the house answers."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2

from tulou.assembly.owner import ADMIN_EMAIL, ADMIN_KEY, ADMIN_PASSWORD
from tulou.assembly.supervisor import Standing
from tulou.cli.output import say

READY_WITHIN_S = 180.0
POLL_S = 0.1
TIMEOUT_S = 5.0
NOT_YET: tuple[dict[str, Any], list[dict[str, Any]]] = {"done": False}, []


def greet(standing: Standing, directory: Path, trouble: Callable[[], str]) -> None:
    """Wait until the house answers, then say how to use it."""
    deadline = time.monotonic() + READY_WITHIN_S
    # One client for all tries: each reads the system's certificates anew, 40 ms in which the house cannot start.
    with httpx2.Client(base_url=standing.gate_url, timeout=TIMEOUT_S, trust_env=False) as http:
        while not _ready(http, directory):
            if time.monotonic() > deadline or not alive(standing.pid):
                say(trouble() or f"the house is not ready; see {directory}/log")
                return
            time.sleep(POLL_S)
        key = (directory / "secrets" / ADMIN_KEY).read_text("ascii").strip()
        http.headers["authorization"] = f"Bearer {key}"
        model = _first_chat_model(http, deadline) or "MODEL"
    say(f"console  {standing.gate_url}/#key={key}")
    if (directory / "secrets" / ADMIN_PASSWORD).exists():
        say(f"sign in  {standing.gate_url}   as {ADMIN_EMAIL}; `tulou password` says the first password")
    say(f"gateway  {standing.gate_url}/v1   key {key}")
    body = f'{{"model":"{model}","messages":[{{"role":"user","content":"What is Tulou?"}}]}}'
    say(
        f"try      curl {standing.gate_url}/v1/chat/completions -H 'Authorization: Bearer {key}' "
        f"-H 'Content-Type: application/json' -d '{body}'"
    )


def _ready(http: httpx2.Client, directory: Path) -> bool:
    try:
        answers = http.get("/readyz").is_success
    except httpx2.TransportError:
        return False
    return answers and (directory / "secrets" / ADMIN_KEY).exists()


def _first_chat_model(http: httpx2.Client, deadline: float) -> str | None:
    """Wait until every deployment is ready or has failed; return the name of a chat model that is ready."""
    while time.monotonic() < deadline:
        try:
            first_start: dict[str, Any] = http.get("/api/v1/first-start").raise_for_status().json()
            items: list[dict[str, Any]] = http.get("/api/v1/deployments").raise_for_status().json()["items"]
        except httpx2.HTTPError:
            first_start, items = NOT_YET
        if first_start["done"] and all(item["state"] != "progressing" for item in items):
            ready = (item["spec"]["name"] for item in items if (item["task"], item["state"]) == ("chat", "ready"))
            return next(ready, None)
        time.sleep(POLL_S)
    return None


def alive(pid: int) -> bool:
    """Say whether a process runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
