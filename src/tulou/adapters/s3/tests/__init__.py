"""Tests of the S3 adapter that need no store."""
