"""`tulou doctor`: names unsafe or impossible combinations before users meet them."""

import asyncio
import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from tulou.assembly.allowances import shared_opener
from tulou.assembly.catalogue import CATALOGUE
from tulou.assembly.claims import claim_gate
from tulou.assembly.environment import ProcessEnvironment, surroundings
from tulou.assembly.ports import PORTS, opener
from tulou.assembly.reference import tables
from tulou.assembly.running import read_standing
from tulou.cli.greeting import alive
from tulou.cli.house import house
from tulou.cli.options import DEFAULTS, Options, only_here
from tulou.cli.output import show
from tulou.cli.price_files import DOLLARS
from tulou.cli.price_warnings import price_findings
from tulou.cli.quarantine import QUARANTINE
from tulou.cli.reach import elsewhere, why_not
from tulou.http.server.descriptors import connections_within, raise_descriptors
from tulou.kernel.errors import TulouError
from tulou.services.gateway.settings import GatewaySettings

LEAST_FREE_BYTES = 2 << 30
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

OPENERS: Mapping[str, Callable[[str], object]] = {
    **{port: partial(opener, port) for port in PORTS},
    "allowances": shared_opener,
}

Grade = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `advice` says what to do about it."""

    check: str
    grade: Grade
    advice: str


def doctor(*, options: Options = DEFAULTS) -> int:
    """Look over this machine, the settings and what they lead to; exit with 1 if something cannot work."""
    only_here("doctor", options)
    if options.dir:
        os.environ["TULOU_HOUSE__DIRECTORY"] = str(options.dir.absolute())
    around = surroundings(os.environ)
    findings = [finding for check in CHECKS for finding in check(around)]
    rows = [{"CHECK": found.check, "IS": found.grade, "ADVICE": found.advice} for found in findings]
    show([asdict(found) for found in findings], as_json=options.json, rows=rows, columns=["CHECK", "IS", "ADVICE"])
    return int(any(found.grade == "error" for found in findings))


def _settings(around: ProcessEnvironment) -> Iterator[Finding]:
    try:
        around.settings.check_tables(tables())
        around.settings.check_remotes(CATALOGUE)
    except TulouError as error:
        yield Finding("settings", "error", str(error))
    else:
        yield Finding("settings", "ok", "")


def _ports(around: ProcessEnvironment) -> Iterator[Finding]:
    """Say of each port whether an adapter has it, and whether what is elsewhere answers."""
    for port, find in OPENERS.items():
        try:
            url = around.url_of(port)
            find(url)
            why = asyncio.run(why_not(port, url)) if elsewhere(port, url) else ""
        except (TulouError, ImportError) as error:
            why = str(error)
        yield Finding(f"port {port}", "error" if why else "ok", why)


def _gate(around: ProcessEnvironment) -> Iterator[Finding]:
    if _is_up(around):
        yield Finding("gate", "ok", "the house is up")
        return
    try:
        claim_gate(around.house.host, around.house.port).close()
    except TulouError as error:
        yield Finding("gate", "error", str(error))
    else:
        yield Finding("gate", "ok", "")
    if around.house.host not in LOOPBACK:
        yield Finding("gate", "warning", f"it listens on {around.house.host} without TLS: put a TLS proxy before it")


def _disk(around: ProcessEnvironment) -> Iterator[Finding]:
    folder = next(parent for parent in (around.directory, *around.directory.parents) if parent.exists())
    free = shutil.disk_usage(folder).free
    grade: Grade = "ok" if free > LEAST_FREE_BYTES else "warning"
    yield Finding("disk", grade, f"{free >> 20} MiB free in {folder}" if grade != "ok" else "")
    if not os.access(folder, os.W_OK):
        yield Finding("disk", "error", f"cannot write in {folder}; choose another directory with --dir")


def _descriptors(around: ProcessEnvironment) -> Iterator[Finding]:
    """Say whether a gateway may open as many connections as the settings promise."""
    wanted = around.settings.table("gateway", GatewaySettings).connections
    limit = raise_descriptors()
    most = connections_within(limit, wanted)
    advice = f"{limit} may be open at once, which makes {most} connections of clients for each gateway, not {wanted}; "
    advice += "raise the hard limit (`ulimit -Hn`, LimitNOFILE=) or lower [gateway] connections"
    yield Finding("open files", "ok" if most == wanted else "warning", "" if most == wanted else advice)


def _secrets(around: ProcessEnvironment) -> Iterator[Finding]:
    folder = around.directory / "secrets"
    loose = [file.name for file in _files(folder) if file.stat().st_mode & 0o077]
    if loose:
        yield Finding("secrets", "error", f"others can read {', '.join(loose)} in {folder}; `chmod 600` them")
    else:
        yield Finding("secrets", "ok", "")


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if file.is_file()] if folder.is_dir() else []


def _ledger(around: ProcessEnvironment) -> Iterator[Finding]:
    """Say what was used and is on no bill."""
    refused = around.directory / "ledger" / "refused.jsonl"
    if refused.is_file() and refused.stat().st_size:
        yield Finding(
            "ledger",
            "warning",
            f"entries that metering would not take are in {refused}; the next start sends them again",
        )
    if not _is_up(around):
        return
    try:
        with house(Options(dir=around.directory)) as here:
            waiting: int = here.get(QUARANTINE, limit=1)["waiting"]
    except TulouError as error:
        yield Finding("ledger", "warning", f"nobody says whether entries were set aside: {error}")
        return
    advice = f"{waiting} entries are set aside and on no bill; `tulou usage quarantine` lists them" if waiting else ""
    yield Finding("ledger", "warning" if waiting else "ok", advice)


def _prices(around: ProcessEnvironment) -> Iterator[Finding]:
    """Say what nothing prices, what is priced by a name alone, and why no built-in price holds."""
    if not _is_up(around):
        return
    try:
        with house(Options(dir=around.directory)) as here:
            found = price_findings(here)
            book = here.get("/api/v1/prices")
    except (TulouError, msgspec.ValidationError, KeyError) as error:  # of another version, perhaps
        yield Finding("prices", "warning", f"nobody says what costs what: {error}")
        return
    unpriced = any(finding.kind == "unpriced" for finding in found)
    if unpriced and not book["built_in"] and book["currency"] != DOLLARS:
        advice = f"the built-in prices are in {DOLLARS} and do not hold: set [metering] dollar_rate to 1 {DOLLARS} in"
        yield Finding("prices", "warning", f"{advice} {book['currency']}, or built_in_prices = false")
    yield from (Finding("prices", "warning", finding.text) for finding in found)
    if not found:
        yield Finding("prices", "ok", "")


def _vault(around: ProcessEnvironment) -> Iterator[Finding]:
    """Say whether everything that is sealed opens."""
    if not _is_up(around):
        return
    try:
        with house(Options(dir=around.directory)) as here:
            lost: Mapping[str, str] = here.get("/api/v1/vault")["lost"]
    except (TulouError, KeyError) as error:
        yield Finding("vault", "warning", f"nobody says whether what is sealed opens: {error}")
        return
    if not lost:
        yield Finding("vault", "ok", "")
    for key, why in lost.items():
        yield Finding(
            "vault", "error", f"master key {key}: {why}; bring it back from a backup, or add those secrets anew"
        )


def _is_up(around: ProcessEnvironment) -> bool:
    standing = read_standing(around.directory)
    return standing is not None and alive(standing.pid)


def _engines(_: ProcessEnvironment) -> Iterator[Finding]:
    for package, engine in (("xllamacpp", "llamacpp"), ("onnxruntime", "onnx"), ("openvino_genai", "openvino")):
        present = importlib.util.find_spec(package) is not None
        advice = "" if present else f"not installed; `pip install 'tulou[{engine}]'` adds it"
        yield Finding(f"engine {engine}", "ok" if present else "warning", advice)


def _together(around: ProcessEnvironment) -> Iterator[Finding]:
    many = around.ports.database.startswith("sqlite") and around.ports.events.startswith("redis")
    if many:
        yield Finding(
            "ports", "warning", "events travel between machines but the database is a local file: use PostgreSQL"
        )

    if around.ports.secrets.startswith("env:"):
        yield Finding(
            "ports",
            "warning",
            "secrets can only be read, and a first start keeps its keys: start once with file://FOLDER",
        )


def _split(around: ProcessEnvironment) -> Iterator[Finding]:
    """Name what processes of a split house share and cannot all reach."""
    if not around.settings.remotes:
        return
    if not around.house.control_url:
        yield Finding(
            "split", "error", "services that [remotes] does not name cannot be found: set [house] control_url"
        )
    if around.ports.events.startswith("memory:"):
        yield Finding(
            "split", "error", "events stay in one process: facts reach the others by [ports] events = redis://"
        )
    hosts = {urlsplit(url).hostname for url in (*around.settings.remotes.values(), around.house.control_url) if url}
    away = ", ".join(sorted(str(host) for host in hosts - LOOPBACK))
    for port in ("database", "blobs", "secrets", "master_key") if away else ():
        url: str = getattr(around.ports, port)
        if url.startswith(("sqlite:", "file:")):
            yield Finding("split", "warning", f"{port} is on this machine's disk, but services are at {away}: share it")
    if away:
        yield Finding("split", "warning", f"services at {away} talk without TLS: keep them in a network of their own")


CHECKS: tuple[Callable[[ProcessEnvironment], Iterator[Finding]], ...] = (
    _settings,
    _ports,
    _gate,
    _disk,
    _descriptors,
    _secrets,
    _ledger,
    _prices,
    _vault,
    _engines,
    _together,
    _split,
)
