"""A small pooled HTTP client for the data plane. The server is `tulou.http.server`."""
