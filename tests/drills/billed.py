"""The ledger, held against what clients were answered."""

import time
from collections.abc import Mapping
from typing import Any

import httpx2

from tests.drills.asking import Heard
from tests.drills.stage import PRICE
from tests.drills.vendor import INPUT
from tests.system.house import House, until

PAGE = 500
STILL_S = 3.0
"""So long after a kill an entry may still be on its way, from a file that another process picks up."""

Entries = Mapping[str, list[dict[str, Any]]]


def ledger(house: House, key_id: str) -> Entries:
    """Return a key's entries by request id, once nothing new has come for a while."""
    with house.client() as http:
        found, since = _read(http, key_id), time.monotonic()

        def still() -> bool:
            nonlocal found, since
            now = _read(http, key_id)
            if len(now) != len(found):
                found, since = now, time.monotonic()
            return time.monotonic() > since + STILL_S

        until(still, what="a ledger that is complete")
        return found


def _read(http: httpx2.Client, key_id: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    after = ""
    while True:
        asked = {"limit": PAGE, "after": after, "key": key_id}
        page = http.get("/api/v1/ledger", params=asked).raise_for_status().json()
        for entry in page["items"]:
            found.setdefault(entry["request_id"], []).append(entry)
        after = page["next"] or ""
        if not after:
            return found


def troubles(heard: Heard, entries: Entries) -> list[str]:
    """Say what is lost, doubled, wrong or hung."""
    found = [f"hung: {name}" for name in heard.hung] + [f"another's answer: {what}" for what in heard.wrong]
    found += [f"{name} has {len(each)} entries" for name, each in entries.items() if len(each) > 1]
    for name, tokens in heard.finished.items():
        billed = [entry for entry in entries.get(name, []) if entry["status"] == httpx2.codes.OK]
        if len(billed) != 1:
            found.append(f"{name} was answered and is billed {len(billed)} times")
        elif tokens and (wrong := _wrong(billed[0], tokens)):
            found.append(f"{name} {wrong}")
    return found


def _wrong(entry: Mapping[str, Any], tokens: int) -> str:
    units, cost = entry["units"], round(PRICE["input"] * INPUT + PRICE["output"] * tokens)
    right = (units["input"], units["output"], entry["cost"]) == (INPUT, tokens, cost)
    return "" if right else f"used {INPUT} and {tokens} for {cost}, billed {units} for {entry['cost']}"
