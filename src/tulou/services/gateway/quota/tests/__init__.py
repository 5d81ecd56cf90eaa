"""Tests of the quota."""
