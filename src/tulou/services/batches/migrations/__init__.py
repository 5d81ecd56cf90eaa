"""The revisions of the tables `batches_*`."""
