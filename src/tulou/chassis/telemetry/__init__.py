"""How a process makes itself seen: logs, metrics and traces. Everything here is bounded and gives way to the work."""
