"""Tests of what the command line keeps and sends."""
