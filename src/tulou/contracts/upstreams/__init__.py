"""The published language of the upstreams service."""
