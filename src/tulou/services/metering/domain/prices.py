"""What a price may be."""

import math

from tulou.contracts.metering.messages import NamePrice, Price
from tulou.kernel.errors import InvalidError
from tulou.services.metering.domain.spans import FAR

RATE_CAP = 1e12
FACTOR_CAP = 100.0
MODEL_CAP = 200
PROVIDER_CAP = 64
RATES = (
    "input",
    "output",
    "cached",
    "cache_written",
    "reasoning",
    "audio_input",
    "audio_output",
    "image",
    "search",
    "request",
    "character",
    "second",
)


def check_price(price: Price) -> None:
    """Raise `InvalidError` naming the first field that cannot be."""
    check_name(price)
    for name in RATES:
        rate: float | None = getattr(price, name)
        if rate is not None and not (math.isfinite(rate) and 0 <= rate <= RATE_CAP):
            raise InvalidError(f"{name} is {rate}; a rate is money a million units, 0 or more", param=name)
    if not 0 <= price.batch_factor <= FACTOR_CAP:
        raise InvalidError(f"batch_factor is {price.batch_factor}; it may be 0 to {FACTOR_CAP:g}", param="batch_factor")


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
