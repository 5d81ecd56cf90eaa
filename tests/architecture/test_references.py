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

KINDS = {"Counter", "Gauge", "Histogram", "Summary", "Info", "CounterMetricFamily", "GaugeMetricFamily"}
METRIC = re.compile(r"\b(?:tulou|process|gen_ai|vllm)[_:][a-z][a-z0-9_:]*")
MADE = ("configuration.md", "cli.md", "api.md", "errors.md")


def metrics_declared(trees: Mapping[str, ast.Module]) -> Iterator[str]:
    """Yield the name of every metric that the package makes, as it is shown."""
    for path, tree in trees.items():
        if "/tests/" in path:
            continue
        for node in ast.walk(tree):
            match node:
                case ast.Call(
                    func=ast.Name(id=kind) | ast.Attribute(attr=kind), args=[ast.Constant(value=str(name)), *_]
                ) if kind in KINDS:
                    counts = kind.startswith("Counter")
                    yield f"{name}_total" if counts and not name.endswith("_total") else name
                case _:
                    continue


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
    assert sorted(set(metrics_declared(trees)) - documented) == []


def test_every_documented_metric_of_ours_exists(trees: Mapping[str, ast.Module], documented: set[str]) -> None:
    ours = {name for name in documented if name.startswith("tulou_")}
    assert sorted(ours - set(metrics_declared(trees))) == []


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
