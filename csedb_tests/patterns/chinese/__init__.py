"""The offline judge's reading of Chinese: text without spaces, clauses between commas, negation by position."""
