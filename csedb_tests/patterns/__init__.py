"""The pattern language of the offline judge: parse, read an answer, scope, match, explain."""
