"""Answers of /v1/responses that are kept: gone on from, asked for again, made in the background."""
