"""Cache, events and blobs in the memory of one process."""
