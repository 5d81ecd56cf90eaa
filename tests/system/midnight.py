"""Midnight in UTC, where days, months and budgets begin anew."""

import time

DAY_S = 24 * 60 * 60
NEAR_S = 120


def wait_out_midnight() -> None:
    """Wait for midnight if it is near: what was used before it is not in what is shown of the day after it."""
    left = DAY_S - time.time() % DAY_S
    if left < NEAR_S:
        time.sleep(left)
