"""Tools for those who write, review and keep cases: lint, coverage, new, show, sign."""
