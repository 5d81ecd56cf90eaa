"""The revisions of the limits tables."""
