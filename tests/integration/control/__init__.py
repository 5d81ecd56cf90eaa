"""The services of the control plane on PostgreSQL."""
