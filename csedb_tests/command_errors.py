"""Errors of the ``csedb`` command, each as its one line."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from csedb_tests.bank_errors import BankError
from csedb_tests.config_errors import ConfigError

USAGE_ERROR = 4
Command = TypeVar("Command", bound=Callable[..., Any])


def plain_errors(command: Command) -> Command:
    """Print a configuration or bank error as its one line, and exit with 4, as pytest does."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (ConfigError, BankError, LookupError) as error:
            click.echo(f"ERROR: {error}", err=True)
            sys.exit(USAGE_ERROR)
        except OSError as error:
            click.echo(f"ERROR: {error.filename or 'a file'}: {error.strerror or error}", err=True)
            sys.exit(USAGE_ERROR)

    return wrapped  # type: ignore[return-value]  # wraps keeps the signature
