"""Ports made real, one package a technology; each is imported only when its URL scheme is asked for."""
