"""The server: an ASGI application behind sockets."""
