"""HTTP/1.1 on the wire: what servers and clients share, and the server."""
