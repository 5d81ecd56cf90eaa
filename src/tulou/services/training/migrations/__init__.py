"""The revisions of the tables `training_*`."""
