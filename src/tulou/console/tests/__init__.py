"""Unit tests of the console's server."""
