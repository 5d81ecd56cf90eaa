"""`tulou import litellm`: what it prints, and what it exits with."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tulou.cli.main import main

GOOD = {"model_name": "m", "litellm_params": {"model": "openai/a"}}
BAD = {"model_name": "n", "litellm_params": {"model": "unknown/b", "api_key": "os.environ/K"}}


def written(file: Path, content: object) -> str:
    file.write_text(yaml.safe_dump(content), "utf-8")
    return str(file)


def ran(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["import", "litellm", *arguments])
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("entries", "options", "code", "last"),
    [
        ([GOOD, BAD], [], 0, "imported 1 of 2 models"),
        ([GOOD, BAD], ["--strict"], 1, "imported 1 of 2 models"),
        ([GOOD], ["--strict"], 0, "imported 1 of 1 models"),
        ([BAD], [], 1, "imported 0 of 1 models"),
        ([], [], 1, "imported 0 of 0 models"),
    ],
)
def test_the_last_line_says_how_many_came_in_and_the_code_whether_that_is_good(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    entries: list[object],
    options: list[str],
    code: int,
    last: str,
) -> None:
    file = written(tmp_path / "config.yaml", {"model_list": entries})
    assert ran(file, *options) == code
    printed = capsys.readouterr()
    assert printed.err.splitlines()[-1] == last
    assert yaml.safe_load(printed.out)["version"] == 1


def test_notes_are_one_line_a_kind_with_counts_and_places(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = [
        {
            "model_name": f"m{number}",
            "litellm_params": {"model": "openai/a", "api_key": "os.environ/K"},
            "model_info": {"description": "d"},
        }
        for number in range(13)
    ]
    ran(written(tmp_path / "config.yaml", {"model_list": [*entries, BAD]}))
    lines = capsys.readouterr().err.splitlines()
    assert "has no counterpart here (1 at 13 places):" in lines
    shown = ", ".join(f"model_list[{number}]" for number in range(5))
    words = "is not known here, and was left out"
    assert f"  ! model_info.description: {words} (13 places: {shown} and 8 more)" in lines
    assert lines.index("left out (1):") < lines.index("has no counterpart here (1 at 13 places):")


def test_which_variables_to_set_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SET", "sk-set")
    entries = [
        {"model_name": name, "litellm_params": {"model": "openai/a", "api_key": f"os.environ/{key}", "api_base": base}}
        for name, key, base in (("a", "SET", None), ("b", "UNSET", None), ("c", "OF_NO_USE", "os.environ/BASE"))
    ]
    ran(written(tmp_path / "config.yaml", {"model_list": entries}))
    lines = capsys.readouterr().err.splitlines()
    assert "set these, and import again, so that nothing is lost for want of them: BASE" in lines
    assert "set these where the house is started: UNSET" in lines


def test_programs_get_the_document_and_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(written(tmp_path / "config.yaml", {"model_list": [GOOD, BAD]}), "--json") == 0
    printed: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert printed["document"]["deployments"][0]["name"] == "m"
    assert (printed["imported"], printed["listed"], printed["revision"]) == (1, 2, None)
    assert printed["report"]["left_out"] == [
        {
            "setting": "litellm_params.model",
            "words": "provider 'unknown' is not known here; the entry was left out",
            "places": ["model_list[1]"],
        }
    ]


def test_what_is_included_is_read_with_the_file_that_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "more").mkdir()
    written(tmp_path / "more" / "models.yaml", {"model_list": [GOOD], "include": ["others.yaml", "models.yaml"]})
    written(tmp_path / "more" / "others.yaml", {"model_list": [{**GOOD, "model_name": "o"}]})
    file = written(
        tmp_path / "config.yaml", {"include": ["more/models.yaml"], "model_list": [{**GOOD, "model_name": "n"}]}
    )
    assert ran(file) == 0
    printed = capsys.readouterr()
    assert [one["name"] for one in yaml.safe_load(printed.out)["deployments"]] == ["n", "m", "o"]
    assert printed.err.splitlines()[-1] == "imported 3 of 3 models"


@pytest.mark.parametrize("content", [{"include": ["gone.yaml"]}, {"include": [7]}, {"include": ["list.yaml"]}])
def test_what_cannot_be_included_is_an_error_with_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: object
) -> None:
    written(tmp_path / "list.yaml", [1])
    assert ran(written(tmp_path / "config.yaml", content)) == 2
    assert ".yaml" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "x" * 5000, "/" + "../" * 3000])
def test_an_included_name_that_no_file_can_have_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(json.dumps({"include": [name]}), "utf-8")
    assert ran(str(file)) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_circle_of_links_is_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.yaml").symlink_to("b.yaml")
    (tmp_path / "b.yaml").symlink_to("a.yaml")
    assert ran(written(tmp_path / "config.yaml", {"include": ["a.yaml"]})) == 2
    assert "a.yaml" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["litellm:4000", "http://[::1", "http://user:pw@host:port"])
def test_an_address_that_is_none_is_an_error_of_the_command(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran("--from-proxy", url) == 2
    error = capsys.readouterr().err
    assert "is no address of HTTP" in error
    assert "pw" not in error


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(str(tmp_path / "gone.yaml")) == 2
    error = capsys.readouterr().err
    assert "gone.yaml cannot be read" in error
    assert "--file" not in error
