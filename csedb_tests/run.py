"""A run: from settings to an engine at work, and from what it found to the record."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from csedb_tests.assessment import Assessor
from csedb_tests.caller import Caller, CallLimits
from csedb_tests.clock import utc_now
from csedb_tests.config_errors import ConfigError
from csedb_tests.coverage import coverage_of
from csedb_tests.drivers import InlineDriver, ThreadDriver
from csedb_tests.engine import Engine
from csedb_tests.judges.apart import judge_apart
from csedb_tests.judges.base import Judge
from csedb_tests.judges.offline import OfflineJudge
from csedb_tests.judges.panel import hosts_of
from csedb_tests.ledger import Ledger, Payee, Prices, parse_budget
from csedb_tests.limiter import AdaptiveLimiter
from csedb_tests.models.base import Model
from csedb_tests.offline import forbid_network
from csedb_tests.plan import Plan
from csedb_tests.qualification.families import self_preference
from csedb_tests.qualification.of_run import known_standing, warning
from csedb_tests.record import CaseRecord, RunRecord, dump_case
from csedb_tests.reviews import read_reviews, reviews_path
from csedb_tests.schema import Case
from csedb_tests.settings import Settings
from csedb_tests.sources import build_judge, build_model
from csedb_tests.store import Store
from csedb_tests.unjudgeable import unjudgeable_warning

if TYPE_CHECKING:
    from csedb_tests.assembly import Findings
    from csedb_tests.comparison.sides import Baseline


class Run:
    """The one run of a process that calls models. ``shared`` says that other processes read its results."""

    def __init__(self, plan: Plan, *, shared: bool = False) -> None:
        self.plan = plan
        if plan.settings.offline:
            forbid_network()
        self._baseline = _baseline(plan)
        self.model: Model = build_model(plan.settings, plan.directory)
        self.judge: Judge = build_judge(plan.settings, plan.directory)
        self._standing = known_standing(self.judge, plan.settings, plan.policy, plan.bank, plan.directory)
        self._coverage = coverage_of(plan.settings, plan.bank, plan.directory)
        self._assessor = _assessor(plan, self.judge)
        self.ledger = ledger_of(plan.settings)
        self.started = utc_now()
        self._shared = shared
        self._store: Store | None = None
        self._engine: Engine | None = None

    @property
    def hosts(self) -> tuple[str, ...]:
        """The network hosts this run will talk to."""
        return tuple(dict.fromkeys(host for host in (self.model.host, *hosts_of(self.judge)) if host))

    @property
    def judge_warning(self) -> str | None:
        """What to say before calls are made if the judge is not qualified."""
        return warning(self._standing, self.judge, self.plan.settings, self.plan.policy)

    @property
    def unjudgeable_warning(self) -> str | None:
        """What to say before a run if the judge cannot judge some of the bank's cases at all."""
        return unjudgeable_warning(self.plan.bank, self.judge)

    @property
    def coverage_warning(self) -> str | None:
        """What to say before calls are made if the bank is not what its lock says."""
        return self._coverage.warning

    @property
    def family_warning(self) -> str | None:
        """What to say when the judge may favour the model."""
        return self_preference(self.model.identity, self.judge.identity)

    @property
    def baseline_warnings(self) -> list[str]:
        """What is known by now to block the comparison with the baseline."""
        if self._baseline is None:
            return []
        from csedb_tests.comparison.pairing import identity_problems

        found = identity_problems(self.judge.identity, self.plan.bank.digest, self._baseline, self.plan.policy.baseline)
        return [problem.text for problem in found if not problem.allowed]

    @property
    def is_self_check(self) -> bool:
        """Whether no model was configured."""
        return self.plan.settings.model is None

    @property
    def fatal(self) -> str | None:
        """Why the run cannot go on, or None."""
        return self._engine.fatal if self._engine else None

    @property
    def exhausted(self) -> str | None:
        """Why the run must not spend more, or None."""
        return self._engine.exhausted if self._engine else None

    @property
    def is_started(self) -> bool:
        """Whether the engine has been started."""
        return self._engine is not None

    def open_store(self) -> Store:
        """The store, opened once. Raises ConfigError."""
        if self._store is None:
            self._store = Store(self.plan.store)
        return self._store

    def start(self, cases: Sequence[Case], *, attended: bool) -> None:
        """Start the engine on ``cases``, in this order.

        ``attended`` says that the caller will do little but ask for one result after the other. Otherwise a thread
        must look after the calls in flight, which would run out of time unheard.
        """
        if self._shared or self.model.paid or self.judge.paid:
            self.open_store()
        settings = self.plan.settings
        apart = judge_apart(self.judge, cases) if attended else None
        self._engine = Engine(
            self.model,
            apart or self.judge,
            lambda: Caller(call_limits(settings), AdaptiveLimiter(settings.concurrency), self.ledger.counts),
            driver=InlineDriver() if attended else ThreadDriver(),
            ledger=self.ledger,
            offline=settings.offline,
            samples=settings.samples,
            threshold=self.plan.policy.case_threshold,
            store=self._store,
            fresh=settings.fresh,
            announce=self._announcer(),
            assess=self._assessor,
            ahead=apart.ahead if apart else 1,
        )
        self._engine.start(cases)

    def meanwhile(self, chore: Callable[[], None]) -> None:
        """Have a chore done while the first calls are on their way, where nothing waits for it."""
        assert self._engine is not None, "start comes first"
        self._engine.meanwhile(chore)

    def _announcer(self) -> Callable[[CaseRecord], None] | None:
        if not self._shared:
            return None
        store, run_id = self.open_store(), self.plan.run_id
        return lambda record: store.announce(run_id, record.case.id, dump_case(record))

    def result(self, case_id: str, tick: Callable[[], None]) -> CaseRecord:
        """The record of a case; waits for it, calling ``tick`` from time to time."""
        assert self._engine is not None, "start comes first"
        return self._engine.result(case_id, tick)

    def results(self, case_ids: Sequence[str]) -> dict[str, CaseRecord]:
        """The records that are there by now, by case id."""
        if self._engine is None:
            return {}
        found = {case_id: self._engine.finished(case_id) for case_id in case_ids}
        return {case_id: record for case_id, record in found.items() if record is not None}

    def stop(self) -> None:
        """End the engine."""
        if self._engine is not None:
            self._engine.stop()

    def record(self, findings: "Findings", expressions: Sequence[str]) -> RunRecord:
        """The record of the run. Call it after `stop`."""
        from csedb_tests.ending import Ran, recorded

        problems = (self.fatal, self.exhausted, self._store.problem if self._store else None)
        ran = Ran(self.plan, self.started, self.model, self.judge, self._standing, self._coverage, self._baseline)
        return recorded(ran, findings, expressions, [text for text in problems if text])

    def close(self) -> None:
        """Release the store."""
        if self._store is not None:
            if self._shared:
                self._store.forget_run(self.plan.run_id)
            self._store.close()
            self._store = None


def _baseline(plan: Plan) -> "Baseline | None":
    if plan.settings.baseline is None:
        return None
    from csedb_tests.comparison.sources import known_baseline

    return known_baseline(plan.settings, plan.directory)


def ledger_of(settings: Settings) -> Ledger:
    """The empty ledger of a run, with its budget and prices. Raises ConfigError."""
    prices: dict[Payee, Prices] = {
        "model": Prices(settings.price_in, settings.price_out),
        "judge": Prices(settings.judge_price_in, settings.judge_price_out),
    }
    budget = parse_budget(settings.budget) if settings.budget else None
    if budget is not None and budget.unit == "money" and not any(p.prompt or p.completion for p in prices.values()):
        raise ConfigError("--csedb-budget: a budget in money needs prices: --csedb-price-in, --csedb-price-out")
    return Ledger(budget, prices)


def _assessor(plan: Plan, judge: Judge) -> Assessor:
    reviews = read_reviews(reviews_path(plan.settings, plan.directory))
    if not plan.settings.cross_check:
        return Assessor(reviews, None)
    if isinstance(judge, OfflineJudge):
        raise ConfigError(
            "--csedb-cross-check: the pattern judge cannot check itself; name another judge with --csedb-judge"
        )
    return Assessor(reviews, OfflineJudge().patterns)


def call_limits(settings: Settings) -> CallLimits:
    """What the settings allow a call."""
    return CallLimits(settings.timeout, settings.deadline, settings.retries)
