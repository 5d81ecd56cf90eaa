"""Programs that are killed while they write."""
