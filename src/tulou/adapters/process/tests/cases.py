"""What the tests of the launcher start."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tulou.adapters.process.settings import LocalSettings
from tulou.ports.engine import OptionValue
from tulou.ports.launcher import WorkerSpec

WORKER = Path(__file__).with_name("worker.py")


def settings_in(
    directory: Path, *, lifeline: int | None = None, command: tuple[str, ...] = (sys.executable, str(WORKER))
) -> LocalSettings:
    environment: Mapping[str, str] = {"PATH": os.environ["PATH"]}
    return LocalSettings(
        command=command,
        directory=directory / "workers",
        logs=directory / "log",
        environment=environment,
        lifeline=lifeline,
    )


def spec_of(replica: str, **options: OptionValue) -> WorkerSpec:
    return WorkerSpec(
        replica=replica,
        deployment="demo",
        generation=1,
        model="demo",
        version=1,
        engine="llamacpp",
        task="chat",
        format="gguf",
        architecture="llama",
        files=(),
        context_length=0,
        concurrency=1,
        options=options,
        token="secret",
    )
