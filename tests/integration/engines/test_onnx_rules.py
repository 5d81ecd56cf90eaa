"""The rules of an encoder's artifact, which a file says that may be damaged or made by somebody else."""

from pathlib import Path

import pytest

from tests.integration.engines.conftest import spec_of
from tulou.engines.onnx.settings import read_rules
from tulou.kernel.errors import InvalidError

DEEP = b"[" * 100_000 + b"]" * 100_000
ODD = [
    DEEP,
    b'{"later": ' + DEEP + b"}",
    b"\xff",
    b'{"pooling": "\xff"}',
    b'{"pooling": "sum"}',
    b'{"max_tokens": 0}',
    b"[",
]


@pytest.mark.parametrize("said", ODD, ids=range(len(ODD)))
def test_rules_that_cannot_be_are_refused_by_the_name_of_their_file(tmp_path: Path, said: bytes) -> None:
    file = tmp_path / "pooling.json"
    file.write_bytes(said)
    spec = spec_of(tmp_path, files={"pooling.json": str(file)})
    with pytest.raises(InvalidError, match=r"pooling\.json"):
        read_rules(spec)
