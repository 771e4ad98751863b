"""Judges, one module per kind."""
