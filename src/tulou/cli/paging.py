"""Whole lists, page by page."""

from typing import Any

from tulou.cli.house import HouseClient


def pages(here: HouseClient, path: str, **filters: str) -> list[dict[str, Any]]:
    """Return the items of every page of a list."""
    items: list[dict[str, Any]] = []
    query: dict[str, str | float] = {"limit": 200, **filters}
    while True:
        page = here.get(path, **query)
        items += page["items"]
        if page["next"] is None:
            return items
        query["after"] = page["next"]
