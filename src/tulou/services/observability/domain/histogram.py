"""Quantiles of a histogram's buckets."""

import math
from collections.abc import Mapping


def quantile(share: float, buckets: Mapping[float, float]) -> float | None:
    """Return the value below which `share` of what was observed lies, or None where nothing was.

    `buckets` holds cumulative counts by upper bound, as Prometheus writes them. Linear interpolation inside the bucket
    that the rank falls into, from 0 below the lowest bound; a rank in the bucket without a bound gives the highest
    bound there is (Prometheus documentation, function `histogram_quantile`).
    """
    bounds = sorted(buckets)
    total = buckets[bounds[-1]] if bounds else 0.0
    if total <= 0:
        return None
    rank, below, lower = share * total, 0.0, 0.0
    for bound in bounds:
        if buckets[bound] >= rank:
            if math.isinf(bound):
                return lower
            inside = buckets[bound] - below
            return lower + (bound - lower) * ((rank - below) / inside if inside else 1.0)
        below, lower = buckets[bound], bound
    return lower
