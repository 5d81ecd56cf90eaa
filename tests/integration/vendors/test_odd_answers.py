"""Whatever a vendor answers, a client is told a good answer or an error, in time, and the ledger agrees with it."""

from pathlib import Path

import pytest

from tests.integration.vendors.oddities.answer import Good
from tests.integration.vendors.oddities.catalogue import fitting_to
from tests.integration.vendors.oddities.run import WAYS, odd_house, results
from tulou.contracts.discovery.messages import UpstreamDialect
from tulou.services.gateway.tests.vendors import SPEECHES

LEAST = 60
"""Ways of each dialect to be odd, whole and streamed."""


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("name", WAYS)
async def test_no_odd_answer_crashes_hangs_or_is_billed_wrong(tmp_path: Path, name: str, *, stream: bool) -> None:
    async with odd_house(tmp_path) as running:
        found = await results(running, WAYS[name], stream=stream)
        assert {result.oddity.name: result.problems for result in found if result.problems} == {}
        assert (await running.http.get("/healthz")).status_code == 200
    assert len(found) >= LEAST


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("dialect", SPEECHES)
def test_every_kind_of_oddity_is_tried_with_every_dialect(dialect: UpstreamDialect, *, stream: bool) -> None:
    fitting = fitting_to(Good(SPEECHES[dialect], stream))
    assert len(fitting) >= LEAST
    assert {oddity.kind for oddity in fitting} >= {"status", "shape", "counts", "encoding", "length"}
    assert stream == any(oddity.kind == "order" for oddity in fitting)
