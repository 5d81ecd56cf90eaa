"""`tulou audit ...`: who did what, and whether the record of it is whole."""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal

import httpx2
import msgspec
from cyclopts import App, Parameter

from tulou.cli.house import HouseClient, failure, house, no_house
from tulou.cli.options import DEFAULTS, Options
from tulou.cli.output import ago, errors, say, show
from tulou.contracts.governance.messages import AuditRecord, AuditVerdict
from tulou.kernel.errors import InvalidError, NotFoundError, UnavailableError
from tulou.services.governance.exported import verified

COLUMNS = ["SEQ", "WHEN", "WHO", "ACTION", "RESOURCE", "OUTCOME", "WHY"]
PART = 20_000
"""Records that one request verifies: a second or two of work."""
EXPORT_TIMEOUT_S = 300.0

Tenant = Annotated[str, Parameter(help="Only of this tenant.")]
Days = Annotated[float | None, Parameter(help="Only the last so many days.")]

audit = App(name="audit", help="Who did what: list, verify and export the audit trail.")


@audit.command(name="list")
def list_(  # noqa: PLR0913 - each is a filter
    *,
    limit: int = 50,
    tenant: Tenant = "",
    principal: str = "",
    action: Annotated[str, Parameter(help="Such as keys:write, models:use or sign-in:write.")] = "",
    outcome: Literal["done", "denied", "failed", ""] = "",
    changes: Annotated[
        bool, Parameter(help="Only what was to change something: no refused requests for models.")
    ] = False,
    days: Days = None,
    options: Options = DEFAULTS,
) -> None:
    """List what was done or refused, newest first."""
    wanted = {"tenant": tenant, "principal": principal, "action": action, "outcome": outcome}
    query: dict[str, str | float] = {name: value for name, value in wanted.items() if value}
    if changes:
        query["changes"] = "true"
    with house(options) as here:
        items = _some(here, limit, query | _since(days))
    rows = [_row(item) for item in items]
    show(items, as_json=options.json, rows=rows, columns=COLUMNS)


@audit.command
def verify(
    *,
    file: Annotated[Path | None, Parameter(help="Verify an export instead, without asking a house.")] = None,
    options: Options = DEFAULTS,
) -> int:
    """Recompute the whole chain; say where it breaks first, and exit with 1, if it does."""
    if file is not None:
        verdict = verified(_lines_of(file))
    else:
        with house(options) as here:
            verdict = _verified_there(here, quiet=options.json)
    if options.json:
        show(msgspec.to_builtins(verdict), as_json=True, rows=[], columns=[])
    elif verdict.intact:
        sealed = "" if verdict.sealed is None else f", sealed up to {verdict.sealed}"
        gone = f", {verdict.removed} refusals kept no longer" if verdict.removed else ""
        say(f"{verdict.records} records, all as they were recorded{gone}{sealed}; the last hash is {verdict.head}")
    else:
        where = "" if verdict.broken_at is None else f"at record {verdict.broken_at}: "
        say(f"BROKEN {where}{verdict.why}")
    return int(not verdict.intact)


@audit.command
def export(
    file: Annotated[Path | None, Parameter(help="Where to write. [default: standard output]")] = None,
    /,
    *,
    tenant: Tenant = "",
    days: Days = None,
    options: Options = DEFAULTS,
) -> None:
    """Write records as JSON, one a line, oldest first; `tulou audit verify --file` verifies them."""
    query = ({"tenant": tenant} if tenant else {}) | _since(days)
    with house(options) as here:
        if file is None:
            _export(here, query, sys.stdout.buffer)
            return
        with file.open("wb") as out:
            _export(here, query, out)
    say(f"written to {file}")


def _verified_there(here: HouseClient, *, quiet: bool) -> AuditVerdict:
    """Have the house verify part after part, so that no request takes long."""
    records, removed, after, head = 0, 0, 0, ""
    while True:
        reply = here.get("/api/v1/audit/verify", after=after, head=head, most=PART)
        verdict = msgspec.convert(reply, AuditVerdict)
        records, removed = records + verdict.records, removed + verdict.removed
        if verdict.next is None or not verdict.intact:
            return replace(verdict, records=records, removed=removed)
        after, head = verdict.next, verdict.head
        if not quiet:
            errors.print(f"{records} records so far", style="dim")


def _some(here: HouseClient, limit: int, query: dict[str, str | float]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    while len(items) < limit:
        page = here.get("/api/v1/audit", limit=min(limit - len(items), 500), **query)
        items += page["items"]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    return items


def _export(here: HouseClient, query: dict[str, str | float], out: BinaryIO) -> None:
    timeout = httpx2.Timeout(10, read=EXPORT_TIMEOUT_S)
    try:
        with here.http.stream("GET", "/api/v1/audit/export", params=query, timeout=timeout) as reply:
            if reply.is_error:
                raise failure(reply.status_code, reply.read())
            out.writelines(reply.iter_bytes())
    except httpx2.ConnectError as error:
        raise no_house(here.url, error) from error
    except httpx2.TransportError as error:
        raise UnavailableError(f"the export broke off ({error}); what was written is not whole") from error


def _lines_of(file: Path) -> Iterator[AuditRecord]:
    decoder = msgspec.json.Decoder(AuditRecord)
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    yield decoder.decode(line)
                except msgspec.MsgspecError as error:
                    raise InvalidError(f"{file}, line {number} is no record: {error}") from error
    except OSError as error:
        raise NotFoundError(f"{file}: {error.strerror}") from error


def _row(item: dict[str, Any]) -> dict[str, object]:
    entry = item["entry"]
    return {
        "SEQ": item["sequence"],
        "WHEN": ago(entry["at"]),
        "WHO": "/".join(part for part in (entry["tenant"], entry["principal"]) if part) or "-",
        "ACTION": entry["action"],
        "RESOURCE": entry["resource"],
        "OUTCOME": entry["outcome"] + (f" ({entry['code']})" if entry["code"] else ""),
        "WHY": entry["reason"] or "-",
    }


def _since(days: float | None) -> dict[str, str | float]:
    return {} if days is None else {"since": time.time() - days * 86_400}
