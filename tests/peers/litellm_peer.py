"""LiteLLM itself, in an environment of its own (`make peers` installs it), as the judge of what an import means."""

import json
import os
import subprocess
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from joserfc.jwk import RSAKey

from tests.contracts.litellm_wire import Configuration
from tests.contracts.recording import Recorder

SENDER = Path(__file__).parent / "litellm" / "sender.py"
DEADLINE_S = 300
SERVICE_ACCOUNT = '{"type": "service_account"}'
"""Stands in configurations for one that is made as they are sent."""


class Told(msgspec.Struct):
    """A line of the sender's."""

    name: str
    number: int
    begins: bool = False
    why: str = ""


def peers() -> Path:
    """Return where the environments of peers are kept, outside of the tree."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "tulou" / "peers"


def program(name: str) -> str:
    """Return a program of LiteLLM's environment; one that is not there is a failure."""
    found = peers() / "litellm" / "bin" / name
    assert found.is_file(), f"{found} is not there: `make peers` installs it"
    return str(found)


def surroundings() -> dict[str, str]:
    """Return an environment in which LiteLLM finds no key, and asks nobody for prices."""
    return {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "LITELLM_LOCAL_MODEL_COST_MAP": "True"}


def sent_by_litellm(configurations: Sequence[Configuration], recorder: Recorder) -> Mapping[str, Mapping[str, Any]]:
    """Return what LiteLLM's Router sends by each entry, or why it sends nothing."""
    account = {SERVICE_ACCOUNT: _service_account(recorder)}
    asked = {
        "port": recorder.server_port,
        "configurations": [
            {
                "name": one.name,
                "config": one.config,
                "environment": {
                    name: account.get(value, value) for name, value in {**one.environment, **one.of_the_judge}.items()
                },
                "operations": dict(one.operations),
            }
            for one in configurations
        ],
    }
    found: dict[str, dict[str, Any]] = {one.name: {} for one in configurations}
    with subprocess.Popen(
        [program("python"), str(SENDER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=surroundings(),
    ) as sender:
        assert sender.stdin is not None
        assert sender.stdout is not None
        with ending(sender, DEADLINE_S):
            sender.stdin.write(f"{json.dumps(asked, default=str)}\n")
            sender.stdin.flush()
            for line in sender.stdout:
                if _note(line, found, recorder):
                    sender.stdin.write("\n")
                    sender.stdin.flush()
            assert sender.wait() == 0, f"it ended, or was ended after {DEADLINE_S} s"
    return found


@contextmanager
def ending(process: subprocess.Popen[str], after_s: float) -> Generator[None]:
    """Kill a process that is not done with something by then, so that whoever reads from it goes on."""
    deadline = threading.Timer(after_s, process.kill)
    deadline.daemon = True
    deadline.start()
    try:
        yield
    finally:
        deadline.cancel()


def _service_account(recorder: Recorder) -> str:
    """Return the JSON key of a service account that gets its tokens from the recorder."""
    key = RSAKey.generate_key(2048).as_pem(private=True).decode()
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "my-project",
            "client_email": "house@my-project.example",
            "private_key": key,
            "token_uri": f"http://127.0.0.1:{recorder.server_port}/token",
        }
    )


def _note(line: str, found: dict[str, dict[str, Any]], recorder: Recorder) -> bool:
    """Take a line of the sender's: an entry begins, or ends with what was kept since; say if it was one."""
    try:
        told = msgspec.json.decode(line, type=Told)
    except msgspec.MsgspecError:  # what LiteLLM prints itself
        return False
    sent = recorder.take()
    if not told.begins:
        answer = sent[-1].written() if sent else {"why": told.why.partition("\n")[0][:200]}
        found[told.name][str(told.number)] = answer
    return True
