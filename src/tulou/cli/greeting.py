"""What `tulou up` says once the house answers."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import httpx2

from tulou.assembly.first_start import ADMIN_KEY
from tulou.assembly.supervisor import Standing
from tulou.cli.output import say

READY_WITHIN_S = 180.0
POLL_S = 0.1


def greet(standing: Standing, directory: Path, trouble: Callable[[], str]) -> None:
    """Wait until the house answers, then say how to use it."""
    deadline = time.monotonic() + READY_WITHIN_S
    while not _ready(standing.gate_url, directory):
        if time.monotonic() > deadline or not alive(standing.pid):
            say(trouble() or f"the house is not ready; see {directory}/log")
            return
        time.sleep(POLL_S)
    key = (directory / "secrets" / ADMIN_KEY).read_text("ascii").strip()
    model = _first_chat_model(standing.gate_url, key, deadline) or "MODEL"
    say(f"console  {standing.gate_url}/#key={key}")
    say(f"gateway  {standing.gate_url}/v1   key {key}")
    body = f'{{"model":"{model}","messages":[{{"role":"user","content":"What is Tulou?"}}]}}'
    say(
        f"try      curl {standing.gate_url}/v1/chat/completions -H 'Authorization: Bearer {key}' "
        f"-H 'Content-Type: application/json' -d '{body}'"
    )


def _ready(url: str, directory: Path) -> bool:
    try:
        answers = httpx2.get(f"{url}/readyz", timeout=2).is_success
    except httpx2.TransportError:
        return False
    return answers and (directory / "secrets" / ADMIN_KEY).exists()


def _first_chat_model(url: str, key: str, deadline: float) -> str | None:
    """Wait for a deployment that is wanted to answer; return a chat model's name, if there is one."""
    with httpx2.Client(base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=5, trust_env=False) as http:
        while time.monotonic() < deadline:
            try:
                items = http.get("/api/v1/deployments").raise_for_status().json()["items"]
                seeded = http.get("/api/v1/first-start").raise_for_status().json()
            except httpx2.HTTPError:
                time.sleep(POLL_S)
                continue
            ready = [item["spec"]["name"] for item in items if item["task"] == "chat" and item["state"] == "ready"]
            if seeded["done"] and (
                ready or not any(item["task"] == "chat" and item["state"] == "progressing" for item in items)
            ):
                return ready[0] if ready else None
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
