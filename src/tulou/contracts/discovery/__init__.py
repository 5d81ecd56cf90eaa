"""The published language of the discovery service."""
