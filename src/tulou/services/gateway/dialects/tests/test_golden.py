"""Golden transcripts: what each client's request becomes for each upstream, and each upstream's stream for each client.

`golden/requests` and `golden/answers` are written by hand after the vendors' documents; what is made of them was read
before it was kept. `TULOU_WRITE_GOLDEN=1` writes it anew; read the difference before it is committed.
"""

import json
import os
from pathlib import Path

import pytest

from tulou.kernel.errors import InvalidError
from tulou.services.gateway.dialects.catalogue import CLIENTS, UPSTREAMS
from tulou.services.gateway.dialects.dialect import Ability, ClientDialect, Echo, UpstreamDialect
from tulou.services.gateway.dialects.tests import canned
from tulou.services.gateway.dialects.tests.test_matrix import MODELS

GOLDEN = Path(__file__).parent / "golden"
SPEAKERS = ("chat", "responses", "messages")
DIALECTS: dict[str, ClientDialect] = {**CLIENTS}
VENDORS: dict[str, UpstreamDialect] = {**UPSTREAMS}


def kept(file: Path, made: bytes) -> bytes:
    if os.environ.get("TULOU_WRITE_GOLDEN"):
        file.write_bytes(made)
    return file.read_bytes()


def translated(client: str, upstream: str) -> object:
    prompt = DIALECTS[client].read_request((GOLDEN / "requests" / f"{client}.json").read_bytes())
    try:
        written = VENDORS[upstream].write_request(prompt, Ability(model=MODELS[upstream]))
    except InvalidError as error:
        return {"refused": str(error)}
    return {"body": json.loads(written.body), "dropped": {drop.field: drop.why for drop in written.dropped}}


@pytest.mark.parametrize("upstream", VENDORS)
@pytest.mark.parametrize("client", SPEAKERS)
def test_requests_become_what_was_read_and_kept(client: str, upstream: str) -> None:
    made = translated(client, upstream)

    golden = kept(
        GOLDEN / "told" / f"{client}-to-{upstream}.json",
        json.dumps(made, indent=2, ensure_ascii=False).encode() + b"\n",
    )

    assert json.loads(golden) == made


@pytest.mark.parametrize("client", SPEAKERS)
@pytest.mark.parametrize("upstream", VENDORS)
@pytest.mark.parametrize("scenario", ["thinking", "tools"])
def test_streams_become_what_was_read_and_kept(scenario: str, upstream: str, client: str) -> None:
    dialect = DIALECTS[client]
    prompt = dialect.read_request((GOLDEN / "requests" / f"{client}.json").read_bytes())
    writer = dialect.writer(Echo(id=f"{dialect.id_prefix}0123abc", model="house", created=1764115200, prompt=prompt))
    reader = VENDORS[upstream].reader()

    events = [*reader.feed(canned.stream(upstream, scenario)), *reader.end()]
    made = writer.write(events) + writer.end()

    assert kept(GOLDEN / "told" / f"{upstream}.{scenario}-as-{client}.sse", made) == made
