"""Blobs in a bucket of any server that speaks S3."""
