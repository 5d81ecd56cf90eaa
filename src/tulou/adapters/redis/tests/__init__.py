"""Tests of the ports that are plain HTTP."""
