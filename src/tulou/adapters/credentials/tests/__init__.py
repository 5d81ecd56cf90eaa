"""Tests of secrets by reference."""
