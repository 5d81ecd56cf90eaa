"""What identity knows without asking anybody: names, secrets, permissions, passwords, codes, tokens."""
