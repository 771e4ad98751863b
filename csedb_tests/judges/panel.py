"""Several judges as one: a strict majority of the jurors that gave verdicts decides each statement.

Nothing hangs on the order in which jurors were named: they are sorted by identity, and a tie decides nothing. A juror
that gives no verdicts makes the panel smaller, and says so in its ballot; a panel smaller than a strict majority of its
full size is no panel any more.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from csedb_tests.answer import Answer, Usage
from csedb_tests.config_errors import ConfigError
from csedb_tests.failures import CallFailure, NotAsked, Unscored
from csedb_tests.judges.base import Call, Judge, Judgement
from csedb_tests.models.base import Identity
from csedb_tests.schema import Case
from csedb_tests.verdict import Ballot, Verdict

Ask = Callable[[Judge], Awaitable[Judgement]]
"""Gets one juror's verdicts on the answer in question, from the store or from the juror."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A judge made of judges. Make one with `make_panel`."""

    jurors: tuple[Judge, ...]

    @property
    def paid(self) -> bool:
        return any(juror.paid for juror in self.jurors)

    @property
    def host(self) -> str | None:
        return ", ".join(hosts_of(self)) or None

    @property
    def quorum(self) -> int:
        """The fewest jurors whose verdicts count: a strict majority of the panel, so never fewer than two."""
        return len(self.jurors) // 2 + 1

    @property
    def identity(self) -> Identity:
        identities = [dict(juror.identity) for juror in self.jurors]
        prompts = {str(identity["prompt"]) for identity in identities if "prompt" in identity}
        name = f"panel of {', '.join(map(name_of, self.jurors))}"
        return {"judge": name, "jurors": identities} | ({"prompt": " ".join(sorted(prompts))} if prompts else {})

    async def judge(self, case: Case, answer: Answer, sample: int, call: Call) -> Judgement:
        judgement = await self.convene(case, lambda juror: juror.judge(case, answer, sample, call))
        if judgement.error:
            raise Unscored(judgement.error)
        return judgement

    async def convene(self, case: Case, ask: Ask) -> Judgement:
        """The panel's judgement with its ballots. Raises whatever is no single juror's failure."""
        # Every juror is heard out, even if another ends the run: what it says has been paid for.
        replies = await asyncio.gather(*map(ask, self.jurors), return_exceptions=True)
        for reply in replies:
            if isinstance(reply, BaseException) and not _is_jurors_own(reply):
                raise reply
        ballots = tuple(map(_ballot, self.jurors, replies))
        usage = sum((reply.usage for reply in replies if isinstance(reply, Judgement)), Usage())
        given = [ballot for ballot in ballots if not ballot.error]
        if len(given) < self.quorum:
            return Judgement((), usage, ballots, self._too_few(ballots))
        return Judgement(tuple(_majority(s.id, given) for s in case.statements), usage, ballots)

    def _too_few(self, ballots: Sequence[Ballot]) -> str:
        failed = [f"{ballot.juror}: {ballot.error}" for ballot in ballots if ballot.error]
        given = len(ballots) - len(failed)
        return f"{given} of {len(ballots)} jurors gave verdicts, {self.quorum} are needed ({'; '.join(failed)})"

    async def close(self) -> None:
        async with AsyncExitStack() as stack:  # every juror is closed, even if the run is stopped while one is
            for juror in self.jurors:
                stack.push_async_callback(juror.close)


def make_panel(jurors: Sequence[Judge]) -> Panel:
    """The panel of ``jurors``. Raises ConfigError for two that could not be told apart."""
    names = Counter(map(name_of, jurors))
    for name, count in names.items():
        if count > 1:
            raise ConfigError(f"--csedb-judge: {name!r} is on the panel twice: nobody has two votes")
    return Panel(tuple(sorted(jurors, key=lambda juror: json.dumps(dict(juror.identity), sort_keys=True))))


def name_of(judge: Judge) -> str:
    """The judge as reports name it."""
    return str(judge.identity["judge"])


def hosts_of(judge: Judge) -> tuple[str, ...]:
    """The network hosts that a judge, or any juror of a panel, talks to."""
    jurors = judge.jurors if isinstance(judge, Panel) else (judge,)
    return tuple(dict.fromkeys(juror.host for juror in jurors if juror.host))


async def judgement_of(judge: Judge, case: Case, ask: Ask) -> Judgement:
    """The judgement of a judge or a panel, ``ask`` getting the verdicts of one judge."""
    return await (judge.convene(case, ask) if isinstance(judge, Panel) else ask(judge))


def _is_jurors_own(failure: BaseException) -> bool:
    """A failed call or an unusable reply is that juror's; a spent budget or a wrong key is the run's."""
    return isinstance(failure, CallFailure | Unscored) and not isinstance(failure, NotAsked)


def _ballot(juror: Judge, reply: Judgement | BaseException) -> Ballot:
    if isinstance(reply, BaseException):
        return Ballot(name_of(juror), (), str(reply) or type(reply).__name__)
    return Ballot(name_of(juror), reply.verdicts)


def _majority(statement: str, ballots: Sequence[Ballot]) -> Verdict:
    """The verdict of more than half of ``ballots``, with a quote and a reason of theirs; else ``cannot_tell``."""
    votes = [verdict for ballot in ballots for verdict in ballot.verdicts if verdict.statement == statement]
    counts = Counter(vote.value for vote in votes)
    value, count = max(counts.items(), key=lambda item: item[1], default=("cannot_tell", 0))
    if 2 * count <= len(ballots):
        said = ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))
        return Verdict(statement, "cannot_tell", "", f"no majority of {len(ballots)} jurors ({said})")
    agreeing = [vote for vote in votes if vote.value == value]
    quote = next((vote.quote for vote in agreeing if vote.quote), "")
    reason = next((vote.reason for vote in agreeing if vote.reason), "")
    return Verdict(statement, value, quote, f"{count} of {len(ballots)} jurors: {reason}")
