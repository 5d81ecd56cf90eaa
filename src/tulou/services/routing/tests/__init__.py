"""Unit tests of routing."""
