"""The published language of the limits service."""
