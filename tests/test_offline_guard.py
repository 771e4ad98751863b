"""What --csedb-offline forbids, in a process of its own, since it cannot be undone."""

import subprocess
import sys

import pytest

ATTEMPTS = {
    "connect": "socket.create_connection(('127.0.0.1', 9), timeout=1)",
    "udp": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
    "resolve": "socket.getaddrinfo('localhost', 80)",
    "listen": "socket.create_server(('127.0.0.1', 0))",
    "unix": "socket.socket(socket.AF_UNIX).connect('/nowhere')",
    "asyncio": "asyncio.run(asyncio.open_connection('127.0.0.1', 9))",
    "urllib": "urllib.request.urlopen('http://127.0.0.1:9', timeout=1)",
}


def run(code: str) -> subprocess.CompletedProcess[str]:
    head = "import asyncio, socket, urllib.request\nfrom csedb_tests.offline import forbid_network\nforbid_network()\n"
    return subprocess.run([sys.executable, "-c", head + code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_refuses(attempt: str):
    result = run(attempt)
    assert result.returncode == 1
    assert "--csedb-offline forbids the network" in result.stderr


def test_event_loops_and_pipes_still_work():
    code = "asyncio.run(asyncio.sleep(0))\na, b = socket.socketpair()\na.send(b'x')\nassert b.recv(1) == b'x'\n"
    assert run(code).returncode == 0
