"""The stack that a request climbs down and its answer climbs up: one stage a file, in the order of `order.py`."""
