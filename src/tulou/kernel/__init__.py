"""The shared vocabulary: values, errors, the request context, clock and ids. Standard library only, no I/O."""
