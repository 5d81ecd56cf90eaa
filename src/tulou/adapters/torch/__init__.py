"""Training with PyTorch, in a process of its own."""
