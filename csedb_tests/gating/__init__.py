"""The gates one by one, from case records and a policy to gate records; `csedb_tests.gates` puts them together."""
