"""HTTP on our own terms: a small pooled client for the data plane, and a guarded server for every process."""
