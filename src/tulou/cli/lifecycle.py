"""`tulou up`, `down` and `status`."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from tulou.assembly.environment import surroundings
from tulou.assembly.failures import relayed
from tulou.assembly.running import read_standing
from tulou.assembly.supervisor import Supervisor
from tulou.chassis.telemetry.logs import open_logs
from tulou.cli.greeting import Greeting, alive, at_a_terminal
from tulou.cli.house import directory_of, house
from tulou.cli.options import DEFAULTS, Options, only_here
from tulou.cli.output import ago, say, show
from tulou.kernel.errors import DeadlineError, TulouError, UnavailableError

POLL_S = 0.1
DOWN_WITHIN_S = 120.0
OWNERS_ONLY = 0o077
"""What a house writes, other users of the machine do not read: logs, uploads, and the greeting with its key."""


def register(app: App) -> None:
    """Add the commands."""
    app.command(up)
    app.command(down)
    app.command(status)


def up(
    *,
    port: Annotated[int | None, Parameter(help="Port of the gate; 0 takes a free one. [default: 8000]")] = None,
    host: Annotated[str | None, Parameter(help="Address of the gate. [default: 127.0.0.1]")] = None,
    detach: Annotated[bool, Parameter(negative="", help="Return as soon as the house answers.")] = False,
    demo: Annotated[bool, Parameter(help="Bring in and deploy the demo models on the first start.")] = True,
    greeting: Annotated[bool, Parameter(show=False)] = True,
    options: Options = DEFAULTS,
) -> None:
    """Start the house: one control process, the gateways, and the replicas of every deployment."""
    only_here("up", options)
    os.umask(OWNERS_ONLY)
    _pass_on(port=port, host=host, demo=demo, directory=options.dir)
    if detach:
        _detached()
    else:
        asyncio.run(_attached(greeting=greeting))


def down(*, options: Options = DEFAULTS) -> None:
    """Stop the house: requests in flight are finished first."""
    only_here("down", options)
    directory = directory_of(options)
    standing = read_standing(directory)
    if standing is None or not alive(standing.pid):
        say(f"no house is up in {directory}")
        return
    os.kill(standing.pid, signal.SIGTERM)
    deadline = time.monotonic() + DOWN_WITHIN_S
    while alive(standing.pid):
        if time.monotonic() > deadline:
            raise DeadlineError(f"process {standing.pid} has not ended in {DOWN_WITHIN_S:.0f} s; see `tulou logs`")
        time.sleep(POLL_S)
    say("the house is down")


def status(*, options: Options = DEFAULTS) -> None:
    """Show the house at a glance."""
    with house(options) as here:
        overview = here.get("/api/v1/overview", seconds=60)
        deployments = here.get("/api/v1/deployments")["items"]
        version = here.get("/version")
    value = {"url": here.url, "version": version, "overview": overview, "deployments": deployments}
    if not options.json:
        _headline(here.url, overview)
    rows = [
        {
            "DEPLOYMENT": item["spec"]["name"],
            "STATE": item["state"],
            "ENGINE": item["engine"],
            "VERSION": item["version"] or "-",
            "RUNNING": f"{sum(r['state'] == 'running' for r in item['replicas'])}/{item['spec']['replicas']}",
            "SINCE": ago(item["since"]),
            "WHY": item["why"],
        }
        for item in deployments
    ]
    show(value, as_json=options.json, rows=rows, columns=list(rows[0]) if rows else ["DEPLOYMENT"])


def _headline(url: str, overview: dict[str, list[dict[str, float | None]]]) -> None:
    """Say how it goes; whoever reads it with the role of a tenant is told of no processes, nor what is in work."""
    points = overview["points"]
    last = points[-1] if points else {"requests": 0.0, "in_flight": 0}
    errors = sum(point["errors"] or 0 for point in points)
    in_flight = "" if last["in_flight"] is None else f"{last['in_flight']} in flight, "
    say(f"house      {url}")
    if overview["processes"]:
        say(f"processes  {len(overview['processes'])} report")
    say(f"traffic    {last['requests']:.1f} requests/s, {in_flight}{errors:.0f} errors a minute\n")


def _pass_on(*, port: int | None, host: str | None, demo: bool, directory: Path | None) -> None:
    """Hand the options down as settings, which every process of the house reads."""
    given = {"PORT": port, "HOST": host, "DIRECTORY": directory.absolute() if directory else None}
    os.environ.update({f"TULOU_HOUSE__{key}": str(value) for key, value in given.items() if value is not None})
    if not demo:
        os.environ["TULOU_HOUSE__DEMO"] = "false"


async def _attached(*, greeting: bool) -> None:
    around = surroundings()
    supervisor = Supervisor(around)
    open_logs(around.directory / "log", process="supervisor", level=around.house.log_level)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if greeting:
        # A daemon, because a house that is stopped before it was ready must not wait for its greeting.
        words = Greeting(around.directory, show_key=at_a_terminal())
        threading.Thread(target=_greet, args=(words,), daemon=True).start()
    await supervisor.run(stop)
    say("the house is down")


def _greet(greeting: Greeting) -> None:
    try:
        greeting.when_ready(os.getpid())
    except TulouError as error:
        say(str(error))


def _detached() -> None:
    around = surroundings()
    greeting = Greeting(around.directory)
    if (standing := read_standing(around.directory)) and alive(standing.pid):
        say("the house is up already; `tulou down` stops it")
        greeting.when_ready(standing.pid, partial(_check_alive, standing.pid))
        return
    file = _output_file(around.directory)
    with file.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tulou", "up", "--no-greeting"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def check() -> None:
        if (code := process.poll()) is not None:
            raise relayed(code, file.read_text("utf-8", "replace"))

    try:
        greeting.when_ready(process.pid, check)
    except KeyboardInterrupt:
        if (standing := read_standing(around.directory)) is None or not standing.ready:
            process.terminate()
            process.wait()
        raise


def _output_file(directory: Path) -> Path:
    """Return a fresh file for what a house in the background prints: one from before would keep its mode."""
    file = directory / "log" / "up.out"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
    except OSError as error:
        raise UnavailableError(f"cannot write in {directory}: {error.strerror}; choose another with --dir") from error
    return file


def _check_alive(pid: int) -> None:
    if not alive(pid):
        raise UnavailableError("the house has ended; `tulou up` starts it again")
