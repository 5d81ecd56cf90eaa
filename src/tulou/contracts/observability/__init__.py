"""The published language of the observability service."""
