"""The published language of a replica: what a worker process says of itself, and how it ends."""
