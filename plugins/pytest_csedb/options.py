"""Command-line options: one per setting, made from the settings themselves."""

from typing import Any

import pytest

from csedb_tests.settings import Settings, is_repeatable, is_switch, option_name


def add_options(parser: pytest.Parser) -> None:
    """Add every ``--csedb-`` option. Values stay texts: the settings check them, whatever their source."""
    group = parser.getgroup("csedb", "clinical safety gate (csedb-tests)")
    for key, field in Settings.model_fields.items():
        help_ = (field.description or "").replace("%", "%%")
        if is_switch(key):
            group.addoption(option_name(key), dest=_dest(key), action="store_const", const=True, help=help_)
        else:
            action, metavar = "append" if is_repeatable(key) else "store", key.split("_")[-1].upper()
            group.addoption(option_name(key), dest=_dest(key), action=action, metavar=metavar, help=help_)


def given_options(config: pytest.Config) -> dict[str, Any]:
    """What the command line sets, by setting name."""
    return {key: config.getoption(_dest(key)) for key in Settings.model_fields}


def _dest(key: str) -> str:
    return f"csedb_{key}"
