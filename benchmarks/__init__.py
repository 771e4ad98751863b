"""Benchmarks: ratios measured in one run on one machine. Start them with ``python -m benchmarks``."""
