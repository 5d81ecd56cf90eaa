"""Headers of requests and answers, as they stand on the wire."""

Header = tuple[bytes, bytes]
"""A name and a value."""
