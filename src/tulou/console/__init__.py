"""Serves the built web console; its source is the top-level folder `console/`."""
