"""Tests of the local launcher, over real processes."""
