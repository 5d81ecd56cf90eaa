"""What `tulou policy test` reads and decides, and what `tulou audit verify --file` finds, without any house."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from tulou.cli.audit import verify
from tulou.cli.policy import try_out
from tulou.cli.policy_cases import read_cases
from tulou.contracts.governance.messages import AuditEntry, AuditRecord
from tulou.kernel.errors import InvalidError, NotFoundError
from tulou.services.governance.chain import GENESIS, linked

CASES = """
policies:
  - name: night
    file: night.cedar
  - name: guests
    text: |
      permit(principal, action == Action::"models:use", resource == Model::"tulou-demo");
roles:
  - name: reader
    permissions: [models:read]
cases:
  - name: by day
    subject: {tenant: north, principal: ana, roles: [developer], attributes: {team: red, level: 3}}
    model: gpt-4o
    context: {hour: 9}
    expect: allow
  - name: by night
    subject: {tenant: north, principal: ana, roles: [developer]}
    model: gpt-4o
    context: {hour: 3}
    expect: deny
  - name: a guest
    subject: {tenant: north, principal: bo, roles: [reader]}
    model: tulou-demo
    context: {hour: 9}
    expect: EXPECTED
  - name: keys are not for guests
    subject: {tenant: north, principal: bo, roles: [reader]}
    action: keys:read
    resource: {kind: key, tenant: north}
    expect: deny
"""
NIGHT = 'forbid(principal, action == Action::"models:use", resource) when { context.hour < 6 };'


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    (tmp_path / "night.cedar").write_text(NIGHT)
    file = tmp_path / "cases.yaml"
    file.write_text(CASES.replace("EXPECTED", "allow"))
    return file


def test_cases_that_are_as_expected_end_well(sheet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert try_out(sheet, offline=True) == 0
    printed = capsys.readouterr().out
    assert "FAILED" not in printed
    assert "the policy night forbids it" in printed


def test_a_case_that_is_not_as_expected_ends_with_1_and_is_named(
    sheet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet.write_text(CASES.replace("EXPECTED", "deny"))
    assert try_out(sheet, offline=True) == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "FAILED" in line]
    assert line.startswith("a guest")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("expect: deny", "expekt: deny", r"cases\[1\].expekt: no such field; did you mean 'expect'"),
        ("principal: ana,", "principle: ana,", r"cases\[0\].subject.principle: no such field"),
        ("expect: deny", "expect: perhaps", r"cases\[1\].expect"),
        ("policies:", "policies: [", "is not YAML"),
        ("context: {hour: 9}", "context: {hour: [9]}", r"cases\[0\].context"),
    ],
)
def test_a_file_that_is_wrong_says_where(sheet: Path, old: str, new: str, words: str) -> None:
    sheet.write_text(CASES.replace("EXPECTED", "allow").replace(old, new))
    with pytest.raises(InvalidError, match=words):
        read_cases(sheet)


def test_a_policy_that_is_wrong_says_where(sheet: Path) -> None:
    (sheet.parent / "night.cedar").write_text(NIGHT.replace("hour", "our"))
    with pytest.raises(InvalidError, match=r"the policy night, line 1, column 76: .*did you mean `hour`"):
        try_out(sheet, offline=True)


def test_a_file_that_is_not_there_is_not_found(sheet: Path) -> None:
    (sheet.parent / "night.cedar").unlink()
    with pytest.raises(NotFoundError, match=r"night\.cedar"):
        read_cases(sheet)
    with pytest.raises(NotFoundError, match=r"gone\.yaml"):
        read_cases(sheet.parent / "gone.yaml")


def entries() -> Iterator[AuditEntry]:
    for number in range(5):
        yield AuditEntry(
            id=f"a{number}", at=1.5, tenant="n", principal="ana", action="keys:write", resource="k", outcome="done"
        )


def written(file: Path, records: Sequence[AuditRecord]) -> Path:
    file.write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in records))
    return file


def test_an_export_is_verified_without_a_house(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = list(linked(entries(), sequence=0, previous=GENESIS))
    file = tmp_path / "audit.jsonl"
    assert verify(file=written(file, records)) == 0
    assert records[-1].hash in capsys.readouterr().out
    assert verify(file=written(file, records[2:])) == 0
    assert verify(file=written(file, [*records[:2], *records[3:]])) == 1
    assert "BROKEN at record 3: record 3 is missing" in capsys.readouterr().out
    assert verify(file=written(file, [records[1], records[0]])) == 1
    file.write_bytes(file.read_bytes().replace(b'"ana"', b'"bob"'))
    assert verify(file=file) == 1
    assert "content was changed" in capsys.readouterr().out
    file.write_text("{}\n")
    with pytest.raises(InvalidError, match="line 1 is no record"):
        verify(file=file)
