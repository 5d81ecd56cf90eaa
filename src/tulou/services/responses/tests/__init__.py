"""Tests of the responses service."""
