"""Limits between gateways and whoever counts, all of it real."""
