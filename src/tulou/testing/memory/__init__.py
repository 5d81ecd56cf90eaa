"""Ports kept in memory, for tests: they pass the conformance suites as the real ones do."""
