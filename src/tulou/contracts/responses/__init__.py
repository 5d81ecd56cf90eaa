"""The published language of the responses service."""
