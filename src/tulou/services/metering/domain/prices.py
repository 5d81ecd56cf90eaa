"""What a price may be."""

import math
from collections.abc import Sequence

from tulou.contracts.metering.messages import NamePrice, Price, Tier
from tulou.kernel.errors import InvalidError
from tulou.rules.metering.rates import RATES, TIERED
from tulou.services.metering.domain.spans import FAR

RATE_CAP = 1e12
FACTOR_CAP = 100.0
MODEL_CAP = 200
PROVIDER_CAP = 64
TIERS_CAP = 8
ABOVE_CAP = 2**31 - 1


def check_price(price: Price) -> None:
    """Raise `InvalidError` naming the first field that cannot be."""
    check_name(price)
    for name in RATES:
        _check_rate(name, getattr(price, name))
    _check_tiers(price.tiers)
    if not 0 <= price.batch_factor <= FACTOR_CAP:
        raise InvalidError(f"batch_factor is {price.batch_factor}; it may be 0 to {FACTOR_CAP:g}", param="batch_factor")


def _check_tiers(tiers: Sequence[Tier]) -> None:
    if len(tiers) > TIERS_CAP or len({tier.above for tier in tiers}) < len(tiers):
        raise InvalidError(f"tiers are up to {TIERS_CAP}, each above another number of tokens", param="tiers")
    for tier in tiers:
        if not 0 < tier.above <= ABOVE_CAP:
            raise InvalidError(f"above is {tier.above}; it counts tokens of input", param="tiers")
        for name in TIERED:
            _check_rate(f"tiers.{name}", getattr(tier, name))


def _check_rate(name: str, rate: float | None) -> None:
    if rate is not None and not (math.isfinite(rate) and 0 <= rate <= RATE_CAP):
        raise InvalidError(
            f"{name} is {rate}; a rate is money a million units, from 0 to {RATE_CAP:g}", param=name.partition(".")[0]
        )


def check_name(price: Price | NamePrice) -> None:
    """Raise `InvalidError` unless model, provider and time can name a price."""
    if not price.model or not _is_name(price.model, MODEL_CAP):
        raise InvalidError(f"model is 1 to {MODEL_CAP} printable characters, a name or a pattern", param="model")
    if not _is_name(price.provider, PROVIDER_CAP):
        raise InvalidError(f"provider is up to {PROVIDER_CAP} printable characters, or empty for any", param="provider")
    if not 0 <= price.since < FAR:
        raise InvalidError(f"since is {price.since}; it counts Unix seconds", param="since")


def _is_name(text: str, cap: int) -> bool:
    return len(text) <= cap and text.isprintable() and text == text.strip()
