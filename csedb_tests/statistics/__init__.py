"""The statistics of decisions: pure arithmetic that knows nothing of cases, gates or reports.

docs/STATISTICS.md holds every formula with its source, and how often each interval covered the truth when it was tried.
"""
