"""YAML that others wrote, as plain values: whatever stands in it, it is read or refused."""

from typing import Any

import yaml

from tulou.kernel.errors import InvalidError

UNCONSTRUCTED = (ValueError, LookupError, AttributeError, TypeError, OverflowError, RecursionError)
"""What the library raises for values that are none: a date, a number of a million digits, `!!bool maybe`."""

_YAML: Any = yaml


def read_yaml(text: str, *, name: str) -> object:
    """Return what a text says; raise `InvalidError` naming it where it is not YAML."""
    try:
        return _YAML.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidError(f"{name} is not YAML: {' '.join(str(error).split())}") from error
    except UNCONSTRUCTED as error:
        raise InvalidError(f"{name} is not YAML: {error or type(error).__name__}") from error
