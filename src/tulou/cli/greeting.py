"""What `tulou up` says once the house answers."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tulou.assembly.owner import ADMIN_EMAIL, ADMIN_KEY, ADMIN_PASSWORD
from tulou.assembly.running import RunningHouse, read_standing
from tulou.cli.output import say
from tulou.kernel.errors import DeadlineError, UnauthenticatedError

READY_WITHIN_S = 180.0
MODELS_WITHIN_S = 180.0
POLL_S = 0.1
TIMEOUT_S = 5.0
REFUSED = (401, 403)


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a house says to whoever started it; its key is for a person's eyes, so never for a file or a journal."""

    directory: Path
    show_key: bool = True

    def when_ready(self, pid: int, check: Callable[[], None] = lambda: None) -> None:
        """Wait until the house of this process serves, then say how to use it; `check` raises what ends the wait."""
        deadline, before = time.monotonic() + READY_WITHIN_S, self._key()
        while (standing := read_standing(self.directory)) is None or standing.pid != pid or not standing.ready:
            check()
            if time.monotonic() > deadline:
                raise DeadlineError(
                    f"the house does not answer after {READY_WITHIN_S:.0f} s and goes on trying; "
                    f"`tulou down` stops it, {self.directory}/log says what it is at"
                )
            time.sleep(POLL_S)
        self.say(standing)
        if before and before != self._key():
            say(f"note     the admin key that was in {self.directory}/secrets is not valid here; this one replaces it")

    def say(self, standing: RunningHouse) -> None:
        """Wait for the models, and say addresses and key; raise `UnauthenticatedError` rather than show a dead key."""
        key = self._key()
        model = _first_chat_model(standing.gate_url, key) or "MODEL" if key else "MODEL"
        shown = key if key and self.show_key else "$TULOU_KEY"
        say(f"console  {standing.gate_url}/" + (f"#key={key}" if shown == key else ""))
        if (self.directory / "secrets" / ADMIN_PASSWORD).exists():
            say(f"sign in  {standing.gate_url}   as {ADMIN_EMAIL}; `tulou password` says the first password")
        say(f"gateway  {standing.gate_url}/v1   key {shown}")
        if shown != key:
            say(f"key      export TULOU_KEY=$(cat {self.directory}/secrets/{ADMIN_KEY})")
        body = f'{{"model":"{model}","messages":[{{"role":"user","content":"What is Tulou?"}}]}}'
        quote = "'" if shown == key else '"'
        say(
            f"try      curl {standing.gate_url}/v1/chat/completions -H {quote}Authorization: Bearer {shown}{quote} "
            f"-H 'Content-Type: application/json' -d '{body}'"
        )

    def _key(self) -> str:
        try:
            return (self.directory / "secrets" / ADMIN_KEY).read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):  # secrets that lie elsewhere are not ours to show
            return ""


def at_a_terminal() -> bool:
    """Say whether a person reads what is printed."""
    return sys.stdout.isatty()


def alive(pid: int) -> bool:
    """Say whether a process runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _first_chat_model(url: str, key: str) -> str | None:
    """Wait until every deployment is ready or has failed; return a chat model that is ready, the house's own first."""
    deadline = time.monotonic() + MODELS_WITHIN_S
    headers = {"authorization": f"Bearer {key}"}
    # One client for all tries: each reads the system's certificates anew, 40 ms in which the house cannot start.
    with httpx2.Client(base_url=url, headers=headers, timeout=TIMEOUT_S, trust_env=False) as http:
        while time.monotonic() < deadline:
            done, items = _progress(http)
            if done and all(item["state"] != "progressing" for item in items):
                ready = [item for item in items if (item["task"], item["state"]) == ("chat", "ready")]
                ready.sort(key=lambda item: item["engine"] == "remote")  # a vendor's may cost money
                return ready[0]["spec"]["name"] if ready else None
            time.sleep(POLL_S)
    return None


def _progress(http: httpx2.Client) -> tuple[bool, list[dict[str, Any]]]:
    """Return whether the first start is over, and the deployments; a key that is refused is not tried again."""
    try:
        first_start, deployments = http.get("/api/v1/first-start"), http.get("/api/v1/deployments")
        if first_start.status_code in REFUSED:
            raise UnauthenticatedError(
                "the house is up but refuses the key in its secrets/admin-key; `tulou down` and `tulou up` make another"
            )
        return first_start.raise_for_status().json()["done"], deployments.raise_for_status().json()["items"]
    except (httpx2.HTTPError, ValueError):
        return False, []
