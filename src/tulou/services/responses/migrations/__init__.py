"""The revisions of the tables `responses_*`."""
