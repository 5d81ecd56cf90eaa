"""Fakes, builders and conformance suites, for our tests and for authors of plugins."""
