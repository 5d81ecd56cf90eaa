"""One house for each drill."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.integration.serving.drill import Drill, drill_in


@pytest.fixture
async def drill(tmp_path: Path) -> AsyncGenerator[Drill]:
    async with drill_in(tmp_path) as drill:
        yield drill
