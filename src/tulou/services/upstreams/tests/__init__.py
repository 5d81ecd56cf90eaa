"""Tests of the upstreams service."""
