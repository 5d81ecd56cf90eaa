"""Real servers on free loopback ports, each in a temporary folder: PostgreSQL, Redis, S3 (OpenStack Swift)."""
