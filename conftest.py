"""Loads the plugin when pytest runs from a clone."""

pytest_plugins = ["pytest_csedb.plugin"]
