"""What is measured: each section yields the rows of its table as it measures them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from benchmarks.judging import MILLIONS
from benchmarks.process import Measured
from benchmarks.server import Behaviour, serving
from benchmarks.workshop import Workshop


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured. ``small`` and ``large`` are the bank sizes whose cost per case is compared."""

    cases: int
    latency: float
    concurrency: int
    small: int
    large: int
    peers: bool = False

    @property
    def ideal(self) -> float:
        """Seconds that the calls need when no place in the limit is ever empty."""
        return 2 * self.cases * self.latency / self.concurrency


@dataclass(frozen=True, slots=True)
class Row:
    """A measurement of ``size`` cases, and how many times ``unit`` seconds it took; ``of`` says what the unit is."""

    name: str
    size: int
    measured: Measured
    unit: float | None = None
    of: str = ""


def http(shop: Workshop, scale: Scale) -> Iterator[Row]:
    """Model and judge over HTTP, against the ideal and a bare loop."""
    with serving(Behaviour(scale.latency), shop.directory) as url:
        bare = shop.bare_http(url, scale.cases, scale.concurrency)
        yield Row("bare aiohttp loop, the same calls", scale.cases, bare, scale.ideal, "ideal")
        gate = shop.gate(scale.cases, *_over_http(url, scale), "--junitxml=junit.xml")
        yield Row("pytest, html and junit", scale.cases, gate, scale.ideal, "ideal")
        yield Row("pytest, html and junit", scale.cases, gate, bare.wall, "bare loop")
        for name, module in installed_peers().items() if scale.peers else ():
            options = (f"--cases={scale.cases}", f"--concurrency={scale.concurrency}")
            peer = shop.peer(module, url, str(shop.bank(scale.cases)), *options)
            yield Row(name, scale.cases, peer, scale.ideal, "ideal")


def installed_peers() -> dict[str, str]:
    """Other tools that can make the same calls here: a name for the table, and the program."""
    known = {
        "deepeval": ("deepeval evaluate(), own judge class", "benchmarks.peer_deepeval"),
        "inspect_ai": ("Inspect AI eval()", "benchmarks.peer_inspect"),
    }
    return dict(entry for package, entry in known.items() if find_spec(package) is not None)


def faults(shop: Workshop, scale: Scale) -> Iterator[Row]:
    """The same with a tenth of the replies 429 (Retry-After: 1) and a twentieth 500."""
    behaviour = Behaviour(scale.latency, 0.1, 0.05)
    with serving(behaviour, shop.directory) as url:
        gate = shop.gate(scale.cases, *_over_http(url, scale), "--junitxml=junit.xml")
    yield Row("pytest, 10% 429 and 5% 500", scale.cases, gate, scale.ideal, "ideal")
    calls_made = scale.ideal / (1 - behaviour.throttle_rate - behaviour.error_rate)
    yield Row("pytest, 10% 429 and 5% 500", scale.cases, gate, calls_made, "ideal, refused calls and all")


def offline(shop: Workshop, scale: Scale) -> Iterator[Row]:
    """Recorded answers and the pattern judge, against pytest with empty tests."""
    size = scale.cases
    empty = shop.bare_pytest(size)
    yield Row("bare pytest, empty tests", size, empty)
    gate = shop.gate(size, shop.answers(size))
    yield Row("pytest, recorded answers", size, gate, empty.wall, "bare pytest")
    plain = shop.gate(size, shop.answers(size), "-p", "no:html")
    yield Row("the same without html", size, plain, empty.wall, "bare pytest")
    collected = shop.bare_pytest(size, "--collect-only", "-q")
    yield Row("bare pytest --collect-only", size, collected)
    collecting = shop.gate(size, "--collect-only", "-q")
    yield Row("pytest --collect-only", size, collecting, collected.wall, "bare pytest")


def growth(shop: Workshop, scale: Scale) -> Iterator[Row]:
    """Cost per case at two sizes, also with a tenth of the cases failing."""
    for failing, name in ((0, "all pass"), (10, "a tenth fails")):
        small = shop.gate(scale.small, shop.answers(scale.small, failing))
        yield Row(name, scale.small, small)
        large = shop.gate(scale.large, shop.answers(scale.large, failing))
        unit = small.wall / scale.small * scale.large
        yield Row(name, scale.large, large, unit, f"{scale.small:,}, per case")


def judge(shop: Workshop, scale: Scale) -> Iterator[Row]:
    """The pattern judge alone: every case of the bank once, then single answers of a million characters."""
    size = scale.cases
    loaded = shop.peer("benchmarks.judging", str(shop.bank(size)), "--limit=0")
    yield Row("load the bank, judge nothing", size, loaded)
    judged = shop.peer("benchmarks.judging", str(shop.bank(size)))
    yield Row("load the bank, judge each case", size, judged, loaded.wall, "judging nothing")
    for name in MILLIONS:
        yield Row(
            f"a million characters, {name}", 1, shop.peer("benchmarks.judging", str(shop.bank(size)), "--of", name)
        )


def _over_http(url: str, scale: Scale) -> list[str]:
    return [
        "--csedb-model=openai:model-1",
        f"--csedb-base-url={url}",
        "--csedb-judge=openai:judge-1",
        f"--csedb-judge-base-url={url}",
        "--csedb-unqualified-judge",
        f"--csedb-concurrency={scale.concurrency}",
    ]


SECTIONS: Mapping[str, Callable[[Workshop, Scale], Iterator[Row]]] = {
    "http": http,
    "faults": faults,
    "offline": offline,
    "growth": growth,
    "judge": judge,
}
