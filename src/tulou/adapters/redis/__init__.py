"""Cache and events on Redis (or Valkey), with the extra `redis`."""
