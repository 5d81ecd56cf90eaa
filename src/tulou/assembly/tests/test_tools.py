"""What stands where nothing can be converted."""

from pathlib import Path

import pytest

from tulou.assembly import tools
from tulou.assembly.tools import NoConverter, NoExporter, converter, exporter
from tulou.kernel.errors import InvalidError
from tulou.testing.confinement import confinement


def test_one_package_that_is_missing_is_enough_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not isinstance(converter(confinement()), NoConverter)
    assert not isinstance(exporter(confinement()), NoExporter)

    monkeypatch.setattr(tools, "PACKAGES", (*tools.PACKAGES, "a_package_that_nobody_has"))

    assert isinstance(converter(confinement()), NoConverter)
    assert isinstance(exporter(confinement()), NoExporter)


async def test_whatever_is_asked_of_it_names_the_extra() -> None:
    nothing = NoConverter()
    for asked in (
        nothing.inspect("/a"),
        nothing.convert("/a", "/b", lambda _: None),
        nothing.quantize("/a", "/b", "Q8_0", lambda _: None),
    ):
        with pytest.raises(InvalidError, match=r"pip install 'tulou\[convert\]'"):
            await asked


async def test_the_same_of_encoders(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match=r"pip install 'tulou\[convert\]'"):
        await NoExporter().check(tmp_path)
    with pytest.raises(InvalidError, match=r"pip install 'tulou\[convert\]'"):
        NoExporter().export(tmp_path, tmp_path)
