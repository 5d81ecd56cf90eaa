"""What the platform asks of the outside world, one Protocol a file."""
