"""A run against a baseline that answered the same cases: pairs, strata, decisions (docs/REGRESSION.md)."""
