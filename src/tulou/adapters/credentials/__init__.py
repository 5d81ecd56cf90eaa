"""The port `Credentials` over the environment, files, and the secrets of the house."""
