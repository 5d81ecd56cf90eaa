"""Vendors over real sockets, as their documents say they answer, and as they do not."""
