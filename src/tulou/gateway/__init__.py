"""What packages of others may use of the gate; all else of it may change at any time."""
