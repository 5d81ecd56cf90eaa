"""The published language of the routing service."""
