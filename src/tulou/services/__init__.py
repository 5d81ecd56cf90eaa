"""The rooms of the house, one package each; no service imports another."""
