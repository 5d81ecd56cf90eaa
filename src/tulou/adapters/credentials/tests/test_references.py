"""A reference leads to its secret, or says that it leads nowhere without saying a secret."""

from pathlib import Path

import pytest

from tulou.adapters.credentials.references import References
from tulou.kernel.errors import InvalidError


class OneSecret:
    """The port `Secrets` with one secret in it."""

    async def find(self, name: str) -> bytes | None:
        return b"from the house\n" if name == "vendor" else None

    async def put(self, name: str, value: bytes) -> None:
        raise NotImplementedError

    async def create(self, name: str, value: bytes) -> bytes:
        raise NotImplementedError


@pytest.fixture
def references() -> References:
    return References(OneSecret(), {"KEY": "from the environment"})


async def test_each_place_is_known(references: References, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n")
    assert await references.reveal("env://KEY") == "from the environment"
    assert await references.reveal(f"file://{tmp_path}/key") == "from a file"
    assert await references.reveal("secret://vendor") == "from the house"


@pytest.mark.parametrize("reference", ["env://NO", "file:///nowhere", "secret://no", "vault://x"])
async def test_a_reference_that_leads_nowhere_is_said(references: References, reference: str) -> None:
    with pytest.raises(InvalidError):
        await references.reveal(reference)


async def test_a_secret_given_as_a_reference_is_not_repeated(references: References) -> None:
    with pytest.raises(InvalidError) as refused:
        await references.reveal("sk-live-123")
    assert "sk-live-123" not in str(refused.value)
