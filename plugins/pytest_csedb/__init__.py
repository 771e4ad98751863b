"""The pytest plugin of csedb-tests: hooks translate, the domain package acts."""
