"""The published language of the configuration service."""
