"""The reference pages say what the code says: those made from it are current, and the others leave nothing out."""

import ast
import json
import re
import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tulou.assembly.reference import tables
from tulou.chassis.reference import settings
from tulou.kernel.errors import ERRORS

KINDS = {
    "Counter",
    "FastCounter",
    "FastHistogram",
    "Gauge",
    "Histogram",
    "Summary",
    "Info",
    "CounterMetricFamily",
    "GaugeMetricFamily",
}
METRIC = re.compile(r"\b(?:tulou|process|gen_ai|vllm)[_:][a-z][a-z0-9_:]*")
MADE = ("configuration.md", "cli.md", "api.md", "errors.md")


def metrics_declared(trees: Mapping[str, ast.Module]) -> set[str]:
    """Return the name of every metric that the package makes, as it is shown; `x_*` where the end is a variable."""
    return {name for path, tree in trees.items() if "/tests/" not in path for name in _declared_in(tree)}


def _declared_in(tree: ast.Module) -> Iterator[str]:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    makers = {
        function.name: (kind, prefix)
        for function in functions
        for kind, name in _metric_calls(function)
        if (prefix := _prefix_of_argument(name, function))
    }
    for kind, name in _metric_calls(tree):
        match name:
            case ast.Constant(value=str(text)):
                yield _shown(kind, text)
            case ast.JoinedStr(values=[ast.Constant(value=str(prefix)), *_]) if (kind, prefix) not in makers.values():
                yield f"{prefix}*"
            case _:
                continue
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=maker), args=[ast.Constant(value=str(text)), *_]) if maker in makers:
                kind, prefix = makers[maker]
                yield _shown(kind, prefix + text)
            case _:
                continue


def _metric_calls(within: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(within):
        match node:
            case ast.Call(func=ast.Name(id=kind) | ast.Attribute(attr=kind), args=[name, *_]) if kind in KINDS:
                yield kind, name
            case _:
                continue


def _prefix_of_argument(name: ast.expr, function: ast.FunctionDef) -> str:
    """Return what a function puts before its first argument to name a metric, or nothing."""
    match name:
        case ast.JoinedStr(values=[ast.Constant(value=str(prefix)), ast.FormattedValue(value=ast.Name(id=argument))]):
            return prefix if function.args.args and function.args.args[0].arg == argument else ""
        case _:
            return ""


def _shown(kind: str, name: str) -> str:
    return f"{name}_total" if "Count" in kind and not name.endswith("_total") else name


def metrics_named(text: str) -> set[str]:
    """Return the metrics that a page or a query names, without the endings of a histogram's series."""
    return {re.sub(r"_(?:bucket|sum|count)$", "", name) for name in METRIC.findall(text)}


@pytest.fixture(scope="module")
def documented(root: Path) -> set[str]:
    return metrics_named((root / "docs/reference/metrics.md").read_text("utf-8"))


@pytest.mark.parametrize("name", MADE)
def test_pages_made_from_the_code_are_current(root: Path, name: str) -> None:
    make: Any = runpy.run_path(str(root / "docs" / "make.py"))["page"]
    assert (root / "docs/reference" / name).read_text("utf-8") == make(name), "run `python docs/make.py`"


def test_every_setting_says_what_it_means() -> None:
    silent = [
        f"{item.table}.{item.key}"
        for name, kind in tables().items()
        for item in settings(name, kind)
        if not item.meaning
    ]
    assert not silent


def test_every_error_code_is_documented(root: Path) -> None:
    page = (root / "docs/reference/errors.md").read_text("utf-8")
    assert [code for code in ERRORS if f"`{code}`" not in page] == []


def test_every_metric_is_documented(trees: Mapping[str, ast.Module], documented: set[str]) -> None:
    declared = {name for name in metrics_declared(trees) if not name.endswith("*")}
    assert sorted(declared - documented) == []


def test_every_documented_metric_of_ours_exists(trees: Mapping[str, ast.Module], documented: set[str]) -> None:
    declared = metrics_declared(trees)
    families = tuple(name.removesuffix("*") for name in declared if name.endswith("*"))
    ours = {name for name in documented if name.startswith("tulou_") and not name.startswith(families)}
    assert sorted(ours - declared) == []


def test_the_dashboard_shows_metrics_that_exist(root: Path, documented: set[str]) -> None:
    dashboard = json.loads((root / "deploy/dashboards/tulou.json").read_text("utf-8"))
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    assert queries
    assert sorted(metrics_named(" ".join(queries)) - documented) == []


def test_the_alerts_watch_metrics_that_exist(root: Path, documented: set[str]) -> None:
    groups = yaml.safe_load((root / "deploy/alerts/tulou.yaml").read_text("utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert rules
    assert sorted(metrics_named(" ".join(rule["expr"] for rule in rules)) - documented) == []
    assert all({"summary", "description"} <= set(rule["annotations"]) for rule in rules)
