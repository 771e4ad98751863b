"""``--csedb-offline``: no socket of this process may reach out, whatever library opens it.

An audit hook (PEP 578) sees every connection before it is made, from Python or from an extension that uses Python's
sockets, and cannot be taken away again. Pipes, and the socket pair inside an event loop, stay allowed.
"""

import socket
import sys
from typing import Any

_FORBIDDEN = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.bind"})
_FAMILIES = frozenset({socket.AF_INET, socket.AF_INET6})
_state = {"installed": False, "forbidden": False}


class NetworkForbidden(OSError):
    """A connection was refused because the run is offline."""


def forbid_network() -> None:
    """From here on, refuse every network connection of this process."""
    _state["forbidden"] = True
    if not _state["installed"]:
        _state["installed"] = True
        sys.addaudithook(_audit)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not _state["forbidden"]:
        return
    opens_network = event == "socket.__new__" and arguments[1] in _FAMILIES
    if opens_network or event in _FORBIDDEN:
        raise NetworkForbidden(f"--csedb-offline forbids the network ({event})")
