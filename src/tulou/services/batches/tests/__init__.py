"""Unit tests of batches."""
