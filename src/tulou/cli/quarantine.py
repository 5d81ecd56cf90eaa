"""`tulou usage quarantine`, `requeue`, `correct`, `discard`: the way back of entries that no ledger can hold."""

import sys
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from cyclopts import App, Parameter

from tulou.cli.house import HouseClient, house
from tulou.cli.options import DEFAULTS, UNEXPLAINED, Changing, Options
from tulou.cli.output import ago, say, show
from tulou.kernel.errors import InvalidError, NotFoundError

QUARANTINE = "/api/v1/ledger/quarantine"
PAGE = 500
BODY_SHOWN = 60
DIGEST_SHOWN = 12

Digest = Annotated[str, Parameter(help="Which one, as `tulou usage quarantine` names it.")]


def add(usage: App) -> None:
    """Add the commands to those about usage."""
    for command in (quarantine, requeue, correct, discard):
        usage.command(command)


def quarantine(
    *,
    settled: Annotated[bool, Parameter(negative="", help="Those that were corrected or discarded instead.")] = False,
    limit: Annotated[int, Parameter(help="The newest so many.")] = 50,
    options: Options = DEFAULTS,
) -> None:
    """List entries that were set aside because no ledger can hold them; they are on no bill. --json has them whole."""
    with house(options) as here:
        items, waiting = _some(here, limit, settled=settled)
    columns = ["DIGEST", "RECEIVED", "GATEWAY", "REASON", "ENTRY", *(["SETTLED"] if settled else [])]
    show(items, as_json=options.json, rows=[_cells(item) for item in items], columns=columns)
    if not options.json:
        say(
            f"{waiting} wait; `tulou usage requeue --all` takes in those that can be held by now"
            if waiting
            else "none wait"
        )


def requeue(
    digest: Digest = "",
    /,
    *,
    all_: Annotated[bool, Parameter(name="--all", negative="", help="All that wait.")] = False,
    options: Changing = UNEXPLAINED,
) -> None:
    """Take in what was set aside and can be held by now, each once; what cannot stays, with its new reason."""
    if bool(digest) == all_:
        raise InvalidError("name one entry, or --all", param="digest")
    with house(options) as here:
        done = here.post(f"{QUARANTINE}/requeue", {"digest": digest})
    _show_counts(done, as_json=options.json)


def correct(
    digest: Digest,
    file: Annotated[
        Path, Parameter(help="The entry in JSON; - reads it from standard input.", allow_leading_hyphen=True)
    ],
    /,
    *,
    options: Changing = UNEXPLAINED,
) -> None:
    """Count another entry in the place of one that was set aside, which is kept as it came."""
    entry = _entry_in(file)
    with house(options) as here:
        done = here.put(_path(digest), entry)
    _show_counts(done, as_json=options.json)


def discard(digest: Digest, /, *, options: Changing = UNEXPLAINED) -> None:
    """Never count an entry that was set aside; --reason is required and kept."""
    if not options.reason.strip():
        raise InvalidError("say with --reason why it is not to be billed", param="reason")
    with house(options) as here:
        here.delete(_path(digest))
    say("discarded; `tulou usage quarantine --settled` lists it")


def _some(here: HouseClient, limit: int, *, settled: bool) -> tuple[list[dict[str, Any]], int]:
    items: list[dict[str, Any]] = []
    after = ""
    while True:
        at_once = max(1, min(limit - len(items), PAGE))
        page = here.get(QUARANTINE, limit=at_once, after=after, settled=str(settled).lower())
        items += page["items"]
        after = page["next"]
        if after is None or len(items) >= limit:
            return items, page["waiting"]


def _path(digest: str) -> str:
    return f"{QUARANTINE}/{quote(digest, safe='')}"


def _cells(item: dict[str, Any]) -> dict[str, object]:
    body: str = item["body"]
    return {
        "DIGEST": item["digest"][:DIGEST_SHOWN],
        "RECEIVED": ago(item["received_at"]),
        "GATEWAY": item["gateway"],
        "REASON": item["reason"],
        "ENTRY": body if len(body) <= BODY_SHOWN else f"{body[:BODY_SHOWN]}...",
        "SETTLED": _settled(item["settled"]),
    }


def _settled(settled: dict[str, Any] | None) -> str:
    if settled is None:
        return ""
    how = "discarded" if settled["entry"] is None else f"corrected to {settled['entry']['id']}"
    return f"{how} by {settled['by'] or '-'} {ago(settled['at'])} ago" + (
        f": {settled['why']}" if settled["why"] else ""
    )


def _entry_in(file: Path) -> dict[str, object]:
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return msgspec.json.decode(content, type=dict[str, object])
    except OSError as error:
        raise NotFoundError(f"{file}: {error.strerror}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidError(f"{file} is no entry in JSON: {error}") from error


def _show_counts(done: dict[str, Any], *, as_json: bool) -> None:
    rows = [{"NEW": done["new"], "KNOWN": done["known"], "LEFT": done["left"]}]
    show(done, as_json=as_json, rows=rows, columns=["NEW", "KNOWN", "LEFT"])
