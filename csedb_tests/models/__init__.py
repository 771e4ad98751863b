"""Models under test, one module per kind."""
