"""Qualifying a judge: what is to be judged, what that costs, and the report on it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from csedb_tests.caller import Caller
from csedb_tests.config_errors import ConfigError
from csedb_tests.judges.base import Judge
from csedb_tests.ledger import Ledger
from csedb_tests.limiter import AdaptiveLimiter
from csedb_tests.models.base import Model
from csedb_tests.offline import forbid_network
from csedb_tests.plan import Plan
from csedb_tests.qualification.families import self_preference
from csedb_tests.qualification.figures import exemplar_report, outcomes
from csedb_tests.qualification.judging import Means, Task, exemplar_tasks, judge_tasks, unpaid
from csedb_tests.qualification.label_figures import LabelReport, label_report
from csedb_tests.qualification.label_tasks import label_tasks, reasons, said
from csedb_tests.qualification.labels import LabelFile
from csedb_tests.qualification.report import QualificationReport, found_wanting
from csedb_tests.qualification.standing import applied_thresholds
from csedb_tests.qualification.stress import REPEATS, StressReport, Trials, stress_report, trials
from csedb_tests.record import CaseRecord
from csedb_tests.run import call_limits, ledger_of
from csedb_tests.schema import Case
from csedb_tests.selection import choose
from csedb_tests.sources import build_judge, build_model
from csedb_tests.store import Store


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be judged: exemplars, labelled statements by file, and the trials of the stress test."""

    cases: tuple[Case, ...]
    exemplars: tuple[Task, ...]
    labels: tuple[tuple[LabelFile, tuple[Task, ...]], ...] = ()
    trials: tuple[Trials, ...] = ()

    @property
    def waves(self) -> tuple[tuple[Task, ...], ...]:
        """All tasks, in groups that can be judged together: inside one, every id is there once."""
        apart = tuple(task for trial in self.trials for task in trial.apart)
        repeats = tuple(tuple(trial.repeats[number] for trial in self.trials) for number in range(REPEATS))
        return (self.exemplars, *(tasks for _, tasks in self.labels), apart, *repeats)

    @property
    def size(self) -> int:
        """The number of tasks."""
        return sum(map(len, self.waves))


def make_work(plan: Plan, files: Sequence[LabelFile], *, stress: bool) -> Work:
    """The work on the cases that ``select`` and ``sample`` leave. Raises ConfigError when there is none."""
    if plan.settings.shard is not None:
        raise ConfigError("--csedb-shard: a judge is qualified in one piece")
    if stress and "recorded:" in plan.settings.judge:
        raise ConfigError("--stress: recorded verdicts cannot be asked for again")
    chosen = choose(plan.bank.cases, plan.settings).here
    cases = tuple(case for case in plan.bank.cases if case.id in chosen)
    exemplars = tuple(exemplar_tasks(cases))
    if not exemplars and not files:
        raise ConfigError("nothing to judge: the cases have no exemplars, and no --labels are given")
    labels = tuple((file, tuple(label_tasks(file))) for file in files)
    return Work(cases, exemplars, labels, tuple(map(trials, exemplars)) if stress else ())


class Bench:
    """A judge at work with the settings of a run."""

    def __init__(self, plan: Plan, judge: Judge, store: Store | None) -> None:
        self.plan, self.judge, self.store = plan, judge, store
        self.ledger: Ledger = ledger_of(plan.settings)
        settings = plan.settings
        self._means = Means(
            lambda: Caller(call_limits(settings), AdaptiveLimiter(settings.concurrency), self.ledger.counts),
            plan.policy.case_threshold,
            self.ledger,
            store,
            settings.fresh,
            settings.offline,
        )

    def calls(self, work: Work) -> int:
        """How many calls the work will cost, if every reply is usable."""
        return sum(unpaid(tasks, self.judge, self._means) for tasks in work.waves)

    def judge_all(self, tasks: Sequence[Task], tick: Callable[[], None]) -> dict[str, CaseRecord]:
        """The records of the tasks. Raises Interrupted."""
        return judge_tasks(tasks, self.judge, self._means, tick) if tasks else {}


@contextmanager
def open_bench(plan: Plan) -> Iterator[Bench]:
    """A bench with the plan's judge and, where it costs calls, the store. Raises ConfigError."""
    if plan.settings.offline:
        forbid_network()
    judge = build_judge(plan.settings, plan.directory)
    if not judge.paid:
        yield Bench(plan, judge, None)
        return
    with closing(Store(plan.store)) as store:
        yield Bench(plan, judge, store)


def qualify(bench: Bench, work: Work, tick: Callable[[], None] = lambda: None) -> QualificationReport:
    """Do the work and report on it. Raises Interrupted; what was judged until then is in the store."""
    plan = bench.plan
    exemplars = exemplar_report(outcomes(work.cases, bench.judge_all(work.exemplars, tick)))
    report = QualificationReport(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        judge=dict(bench.judge.identity),
        bank=plan.bank.root.name,
        bank_digest=plan.bank.digest,
        cases=len(work.cases),
        is_whole=len(work.cases) == len(plan.bank.cases),
        thresholds=applied_thresholds(plan.policy),
        exemplars=exemplars,
        labels=tuple(_label_report(bench, file, tasks, tick) for file, tasks in work.labels),
        stress=_stress(bench, work, tick) if work.trials else None,
        stressed=len(work.trials),
        warning=_warning(plan, bench.judge),
    )
    return replace(report, shortfalls=found_wanting(report, plan.policy))


def _label_report(bench: Bench, file: LabelFile, tasks: Sequence[Task], tick: Callable[[], None]) -> LabelReport:
    records = bench.judge_all(tasks, tick)
    return label_report(file, said(file, records), reasons(file, records))


def _stress(bench: Bench, work: Work, tick: Callable[[], None]) -> StressReport:
    apart, *repeats = (bench.judge_all(tasks, tick) for tasks in work.waves[-1 - REPEATS :])
    return stress_report(work.trials, apart, repeats)


def _warning(plan: Plan, judge: Judge) -> str | None:
    if plan.settings.model is None:
        return None
    model: Model = build_model(plan.settings, plan.directory)
    return self_preference(model.identity, judge.identity)
