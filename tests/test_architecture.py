"""Who may import whom, as docs/ARCHITECTURE.md says."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "csedb_tests"
SUITES = {"test_safety", "test_effectiveness"}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


MODULES = {module_name(path): imports(path) for path in PACKAGE.rglob("*.py")}


def importers(*names: str) -> set[str]:
    """The modules of the package that import one of the names, or something inside it."""
    return {
        module
        for module, imported in MODULES.items()
        if any(i == name or i.startswith(name + ".") for i in imported for name in names)
    }


def test_the_domain_never_imports_pytest_or_the_plugin():
    asks_pytest_html = "csedb_tests.reports.html_report"  # the page is pytest-html's, also when it is rebuilt
    assert importers("pytest", "_pytest", "pytest_csedb", "xdist", "pytest_html") == {
        asks_pytest_html,
        *(f"csedb_tests.{name}" for name in SUITES),
    }


def test_deepeval_has_one_way_in():
    assert importers("deepeval") <= {"csedb_tests.deepeval_bridge", "csedb_tests.rubric_metric"}


def test_arithmetic_stands_apart():
    forbidden = ("csedb_tests.engine", "csedb_tests.models", "csedb_tests.judges", "csedb_tests.reports", "aiohttp")
    gating = {module for module in MODULES if module.startswith("csedb_tests.gating.")}
    assert gating
    apart = {"csedb_tests.score", "csedb_tests.aggregate", "csedb_tests.gates", "csedb_tests.coverage", *gating}
    assert not importers(*forbidden) & apart


def test_a_run_s_gates_are_decided_without_scipy():
    code = (
        "import sys; from csedb_tests.gates import decide_gates; from csedb_tests.gating.drop import drop_of;"
        "from csedb_tests.policy import GatePolicy; from tests.records import known, records;"
        "cases = [*records('E-04', [known(0.7)] * 9), *records('S-03', [known(1.0)] * 9, risk='low')];"
        "decide_gates(cases, GatePolicy(preset='strict')); drop_of(cases, 0.95); sys.exit('scipy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0


def test_a_qualification_s_figures_and_its_standing_are_judged_by_nobody_they_judge():
    names = ("families", "figures", "label_figures", "labels", "label_options", "lock", "resample", "standing")
    pure = {f"csedb_tests.qualification.{name}" for name in names}
    assert pure <= set(MODULES)
    forbidden = ("csedb_tests.engine", "csedb_tests.models", "csedb_tests.judges", "csedb_tests.run", "aiohttp")
    assert not importers(*forbidden) & pure


def test_the_statistics_know_nothing_of_the_project():
    inside = {m: imported for m, imported in MODULES.items() if m.startswith("csedb_tests.statistics.")}
    assert inside
    project = {i for imported in inside.values() for i in imported if i.startswith("csedb_tests")}
    assert {i for i in project if not i.startswith("csedb_tests.statistics")} == set()


def test_importing_the_statistics_loads_neither_numpy_nor_scipy():
    names = [m for m in MODULES if m.startswith("csedb_tests.statistics")]
    code = f"import sys, {', '.join(names)}; sys.exit('numpy' in sys.modules or 'scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_reports_are_functions_of_records():
    reports = {module for module in MODULES if module.startswith("csedb_tests.reports.")}
    assert reports
    assert not importers("csedb_tests.engine", "csedb_tests.run", "csedb_tests.store") & reports


def test_evidence_is_made_and_checked_from_records():
    evidence = {module for module in MODULES if module.startswith("csedb_tests.evidence.")} | {"csedb_tests.recount"}
    work = ("engine", "run", "store", "models", "judges", "sources", "caller")
    assert not importers(*(f"csedb_tests.{name}" for name in work)) & evidence


def test_the_bank_s_tools_look_at_cases_alone():
    tools = {module for module in MODULES if module.startswith("csedb_tests.bank_tools.")}
    assert tools
    work = ("engine", "run", "store", "models", "judges.llm", "judges.panel", "sources", "caller")
    assert not importers(*(f"csedb_tests.{name}" for name in work)) & tools


def test_importers_know_the_bank_and_its_arithmetic_but_nobody_who_answers_or_judges():
    inside = {module for module in MODULES if module.startswith("csedb_tests.importers.")}
    assert inside
    work = ("engine", "run", "store", "models", "judges", "sources", "caller", "reports", "plan")
    assert not importers(*(f"csedb_tests.{name}" for name in work)) & inside


def test_exporters_read_what_is_there_and_start_nothing():
    inside = {module for module in MODULES if module.startswith("csedb_tests.exporters.")}
    assert inside
    assert not importers("csedb_tests.engine", "csedb_tests.run", "csedb_tests.caller", "csedb_tests.sources") & inside


def test_optional_packages_are_imported_by_nobody_at_the_top():
    assert importers("openpyxl", "pyarrow", "pandas") == set()  # by name, where they are used


def test_imports_between_modules_make_no_circle():
    edges = {m: {i for i in imported if i in MODULES and i != m} for m, imported in MODULES.items()}
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path, module))
        if module not in done:
            for target in edges[module]:
                visit(target, (*path, module))
            done.add(module)

    for module in edges:
        visit(module, ())


@pytest.mark.parametrize("module", ["deepeval", "scipy", "numpy", "aiohttp", "yaml", "openai"])
def test_loading_the_plugin_loads_nothing_heavy(module: str):
    code = f"import sys, pytest_csedb.plugin; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_module_is_named_on_the_architecture_page():
    page = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    top = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    plugin = {path.stem for path in (ROOT / "plugins" / "pytest_csedb").glob("*.py")} - {"__init__"}
    assert {name for name in top | plugin if f"`{name}`" not in page and name not in page} == set()
