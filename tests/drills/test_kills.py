"""Processes are killed in turn while clients ask: nothing is lost, doubled, wrong or hung."""

import asyncio
import json
import os
import sys
from pathlib import Path

from tests.drills.asking import Heard
from tests.drills.billed import ledger, troubles
from tests.drills.field import OWN, SHARED
from tests.drills.killing import killed_under_load
from tests.drills.size import size
from tests.system.house import House


def test_what_was_answered_is_billed_once_whatever_is_killed(house: House) -> None:
    with house.client() as http:
        made = http.post("/api/v1/keys", json={"name": "kills"}).raise_for_status().json()
    house.wait_for_models(SHARED, OWN)
    heard = Heard()

    killed = asyncio.run(killed_under_load(house, made["secret"], size(), heard))
    house.wait_for_models(SHARED, OWN)
    entries = ledger(house, made["key"]["id"])

    found = troubles(heard, entries)
    told = {"asked": heard.asked, "answered": len(heard.finished), "killed": killed, "broken": dict(heard.broken)}
    sys.stdout.write(f"\n{json.dumps(told)}\n")
    if place := os.environ.get("TULOU_DRILLS_TABLE"):
        Path(place, "kills.json").write_text(json.dumps(told | {"troubles": found}, indent=1))
    assert found == []
    assert killed == size().kills
    assert heard.finished
