"""Settings come from three places, and what is wrong in them is named."""

from pathlib import Path

import pytest

from tulou.assembly.settings import HouseSettings, PortSettings, defaults, load
from tulou.kernel.errors import InvalidError

KNOWN = {"house": HouseSettings, "ports": PortSettings}


def test_what_is_not_said_has_its_default() -> None:
    settings = load(None, {})

    assert settings.table("house", HouseSettings) == HouseSettings()
    assert settings.source("house", "port") == "default"


def test_the_environment_is_stronger_than_the_file(tmp_path: Path) -> None:
    file = tmp_path / "tulou.toml"
    file.write_text('[house]\nport = 9000\nname = "hakka"\n')

    settings = load(file, {"TULOU_HOUSE__PORT": "9001", "PATH": "/bin", "TULOU_KEY": "not a setting"})

    house = settings.table("house", HouseSettings)
    assert (house.port, house.name) == (9001, "hakka")
    assert settings.source("house", "port") == "environment"
    assert settings.source("house", "name") == "file"


def test_an_unknown_key_is_refused_with_the_nearest_one() -> None:
    settings = load(None, {"TULOU_HOUSE__PROT": "1"})

    with pytest.raises(InvalidError, match=r"\[house\] has no setting 'prot'; did you mean 'port'\?"):
        settings.table("house", HouseSettings)


def test_an_unknown_table_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    file = tmp_path / "tulou.toml"
    file.write_text("[hause]\nport = 1\n")

    with pytest.raises(InvalidError, match=r"no table \[hause\]; did you mean 'house'\?"):
        load(file, {}).check_tables(KNOWN)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[house]\nport = 'many'\n", r"\[house\] port = 'many'"),
        ("[house]\nlog_level = 'loud'\n", "log_level = 'loud'"),
        ("port = 8000\n", "'port' stands outside a table"),
        ("[house\n", "is not TOML"),
    ],
)
def test_a_bad_value_is_named(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "tulou.toml"
    file.write_text(text)

    with pytest.raises(InvalidError, match=words):
        load(file, {}).check_tables(KNOWN)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match=r"no file .*; leave out --config"):
        load(tmp_path / "none.toml", {})


def test_remotes_are_no_table_of_a_service(tmp_path: Path) -> None:
    file = tmp_path / "tulou.toml"
    file.write_text('[remotes]\nregistry = "http://registry:8001"\n')

    settings = load(file, {})

    settings.check_tables(KNOWN)
    assert settings.remotes == {"registry": "http://registry:8001"}


@pytest.mark.parametrize(
    ("line", "said"),
    [('registri = "http://a:1"', "did you mean 'registry'"), ('registry = "registry"', "write http://HOST:PORT")],
)
def test_a_remote_that_nobody_could_reach_is_refused(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "tulou.toml"
    file.write_text(f"[remotes]\n{line}\n")

    with pytest.raises(InvalidError, match=said):
        load(file, {}).check_remotes({"registry": None, "jobs": None})


def test_every_setting_is_explained_in_its_class() -> None:
    for kind in KNOWN.values():
        for key in defaults(kind):
            assert f"{key}: " in (kind.__doc__ or ""), f"{kind.__name__}.{key} has no meaning in the docstring"
