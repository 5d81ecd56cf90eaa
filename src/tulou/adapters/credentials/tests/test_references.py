"""A reference leads to its secret, or says that it leads nowhere without saying a secret."""

from pathlib import Path

import pytest

from tulou.adapters.credentials.references import References
from tulou.kernel.errors import InvalidError


class OneSecret:
    """The port `Secrets`, with the same secret under every name but one."""

    async def find(self, name: str) -> bytes | None:
        return None if name == "no" else b"from the house\n"

    async def put(self, name: str, value: bytes) -> None:
        raise NotImplementedError

    async def create(self, name: str, value: bytes) -> bytes:
        raise NotImplementedError


@pytest.fixture
def references(tmp_path: Path) -> References:
    environment = {"KEY": "from the environment", "MASTER": "m", "TULOU_KEY": "k", "TULOU_PORTS__DATABASE": "d"}
    return References(OneSecret(), environment, directory=tmp_path / "var", closed={"env://MASTER"})


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


@pytest.mark.parametrize(
    "reference",
    [
        "env://MASTER",
        "env://TULOU_KEY",
        "env://TULOU_PORTS__DATABASE",
        "secret://admin-key",
        "secret://master-key.k1",
        "file:///proc/self/environ",
        "file://{here}/var/secrets/admin-key",
        "file://{here}/other/../var/secrets/admin-key",
        "file://{here}/link/secrets/admin-key",
    ],
)
async def test_the_houses_own_secrets_are_given_to_nobody(
    references: References, tmp_path: Path, reference: str
) -> None:
    for folder in ("var/secrets", "other"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "var/secrets/admin-key").write_text("k")
    (tmp_path / "link").symlink_to(tmp_path / "var")
    with pytest.raises(InvalidError, match="house's own"):
        await references.reveal(reference.format(here=tmp_path))
