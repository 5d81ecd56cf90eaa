"""How much was refused because nobody was known to ask for it."""

from tulou.chassis.actors import MISSING, Place


def missing(place: Place) -> float:
    """Return how often that was so far, in this process."""
    samples = (sample for metric in MISSING.collect() for sample in metric.samples)
    return sum(one.value for one in samples if one.name.endswith("_total") and one.labels["place"] == place)
