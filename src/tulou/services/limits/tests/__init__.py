"""Unit tests of limits."""
