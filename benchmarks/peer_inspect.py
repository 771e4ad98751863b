"""Inspect AI on the same cases: its generate() solver for the answers, a scorer with one judge call per sample."""

import os
import tempfile

from benchmarks.bank import questions
from benchmarks.bare_http import client_options


def main() -> None:
    """As a program, so that it is measured as the gate is."""
    options = client_options(__doc__)
    os.environ |= {"PEER_API_KEY": "none", "PEER_BASE_URL": options.url, "INSPECT_DISPLAY": "none"}
    from inspect_ai import Task, eval  # the peer's own name
    from inspect_ai.dataset import Sample
    from inspect_ai.model import GenerateConfig, get_model
    from inspect_ai.scorer import Score, mean, scorer
    from inspect_ai.solver import generate

    judge = get_model("openai-api/peer/judge", config=GenerateConfig(max_connections=options.concurrency))

    @scorer(metrics=[mean()])  # type: ignore[untyped-decorator]
    def one_call():  # type: ignore[no-untyped-def]  # noqa: ANN202
        async def score(state, target):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, ARG001
            await judge.generate(state.input_text * 4 + state.output.completion)
            return Score(value=1.0)

        return score

    samples = [Sample(input=text) for text in questions(options.bank, options.cases)]
    task = Task(dataset=samples, solver=generate(), scorer=one_call())
    with tempfile.TemporaryDirectory() as logs:
        limits = {"max_connections": options.concurrency, "max_samples": options.concurrency}
        [log] = eval(task, model="openai-api/peer/model", log_dir=logs, **limits)
    assert log.status == "success", "the evaluation failed"
    assert log.results.completed_samples == options.cases, "results are missing"


if __name__ == "__main__":
    main()
