"""The revisions of the tables `files_*`."""
