"""csedb-tests: a release gate for medical language models, run by pytest."""
