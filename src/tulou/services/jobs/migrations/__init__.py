"""The revisions of the tables `jobs_*`."""
