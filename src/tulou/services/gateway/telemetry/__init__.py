"""How the gateway makes itself seen: metrics, one log line a request, spans."""
