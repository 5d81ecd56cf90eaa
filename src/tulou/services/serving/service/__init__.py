"""The use cases of serving, and the loop that makes them true."""
