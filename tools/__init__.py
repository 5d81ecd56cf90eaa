"""What is run by hand on the tree."""
