"""How many metric series a gateway makes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesCaps:
    """Models and tenants that are counted by name, and spots (a tenant at a model's endpoint) that have their tenant's.

    A spot makes seven series, so 1,000 of them are one megabyte of the report that a gateway says each second, and stop
    its requests for 25 ms.
    """

    models: int = 100
    tenants: int = 100
    spots: int = 1000
