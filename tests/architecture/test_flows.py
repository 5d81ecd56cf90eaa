"""The flows that the documentation tells are those of the code: every step names a file and a definition in it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

STEP = re.compile(r"`(?P<path>(?:src|console|tests)/[\w./-]+)::(?P<definition>[\w.]+)`")


def definitions(body: list[ast.stmt], prefix: str = "") -> Iterator[str]:
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield prefix + name
            case ast.ClassDef(name=name):
                yield prefix + name
                yield from definitions(node.body, f"{prefix}{name}.")
            case ast.Assign(targets=targets):
                yield from (prefix + target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield prefix + name
            case _:
                continue


def test_every_step_of_every_flow_exists(root: Path) -> None:
    steps = STEP.findall((root / "docs" / "architecture" / "flows.md").read_text("utf-8"))
    assert len(steps) > 20
    wrong: list[str] = []
    for path, definition in steps:
        file = root / path
        if not file.is_file():
            wrong.append(f"{path} is not there")
        elif definition not in set(definitions(ast.parse(file.read_text("utf-8")).body)):
            wrong.append(f"{path} has no {definition}")
    assert not wrong


def test_every_flow_is_told_in_steps(root: Path) -> None:
    text = (root / "docs" / "architecture" / "flows.md").read_text("utf-8")
    flows = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert [flow.splitlines()[0] for flow in flows if not STEP.search(flow)] == []
