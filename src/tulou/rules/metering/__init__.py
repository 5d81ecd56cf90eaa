"""What usage costs, and what of a house's prices is amiss."""
