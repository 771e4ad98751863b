"""The loopback endpoint in a process of its own, so that its work is nobody else's."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
START_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the endpoint is like: seconds per reply, and the shares of replies that are 429 and 500."""

    latency: float
    throttle_rate: float = 0.0
    error_rate: float = 0.0
    retry_after: float = 1.0

    @property
    def options(self) -> list[str]:
        """The same as options of the server's program."""
        return [
            f"--latency={self.latency}",
            f"--throttle-rate={self.throttle_rate}",
            f"--error-rate={self.error_rate}",
            f"--retry-after={self.retry_after}",
        ]


@contextmanager
def serving(behaviour: Behaviour, directory: Path) -> Iterator[str]:
    """Start the server; gives its base URL; ends it."""
    port_file = directory / "port"
    port_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.endpoint", f"--port-file={port_file}", *behaviour.options]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        yield f"http://127.0.0.1:{_port(port_file, process)}/v1"
    finally:
        process.terminate()
        process.wait()


def _port(path: Path, process: subprocess.Popen[bytes]) -> str:
    give_up_at = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < give_up_at:
        if path.is_file() and (text := path.read_text()):
            return text
        time.sleep(0.02)
    raise RuntimeError("the loopback server did not start")
