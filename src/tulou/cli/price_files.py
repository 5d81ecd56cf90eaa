"""Read prices from a file: our own YAML, LiteLLM's JSON (`model_prices...json`), or OpenRouter's list of models.

All numbers are read as decimals, so that 2.5e-06 a token is 2.5 a million, and not nearly so. A file is read whole or
not at all: what is wrong in it is named with its place.
"""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from tulou.chassis.yaml_reader import read_yaml
from tulou.cli.price_shapes import litellm, openrouter, ours
from tulou.cli.price_shapes.amounts import PriceFile, Table, table_of
from tulou.kernel.errors import InvalidError

DOLLARS = "USD"


def read_prices(file: Path, *, since: float = 0.0) -> PriceFile:
    """Read a file of any kind; raise `InvalidError` saying what is wrong in it, and where."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidError(f"{file} cannot be read: {error}") from error
    content = _parsed(file, text)
    table = table_of(content)
    if openrouter.is_listing(content):
        return replace(openrouter.read(str(file), table, since), currency=DOLLARS)
    if table and "prices" not in table:
        return replace(litellm.read(str(file), table, since), currency=DOLLARS)
    return ours.read(str(file), table.get("prices", content), since)


def _parsed(file: Path, text: str) -> object:
    try:
        if file.suffix == ".json":
            return json.loads(text, parse_float=Decimal, object_pairs_hook=_without_twins)
    except KeyError as error:
        raise InvalidError(f"{file} names {error.args[0]!r} twice in one place; leave one out") from error
    except (ValueError, RecursionError) as error:
        raise InvalidError(f"{file} is no JSON: {error}") from error
    return read_yaml(text, name=str(file))


def _without_twins(pairs: list[tuple[str, object]]) -> Table:
    table: Table = {}
    for name, value in pairs:
        if name in table:
            raise KeyError(name)
        table[name] = value
    return table
