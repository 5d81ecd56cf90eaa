"""Revisions of the tables `serving_*`."""
