"""The names that CSEDB's public release uses, and what a user may have to add to them.

Keys as in the release's `eval_data/<panel>/e<N>_wp.json` (Apache-2.0). Its public description leaves open which key
holds a model's answer and what else `考点` holds: `ReleaseKeys` says what is assumed, a mapping file what else holds.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from csedb_tests.catalogue import Track
from csedb_tests.config_errors import ConfigError
from csedb_tests.schema import Key, Text

POINT, CONTENT, CASES = "考点", "设计的考题内容", "最具代表性的测试case"
PRINCIPLE, GATE, SYSTEM, TARGET_SYSTEM = "考点场景测试case设计原则", "门类", "系统", "目标系统"
CASE_ID, INPUT, DISEASE, COMPLEXITY, PEOPLE = "case_id", "输入 case", "使用疾病", "复杂度级别", "人群"
PASS, FAIL, RULES, RULE_TEXT, RULE_POINTS = "pass 判定", "fail 情形", "规则判断列表", "规则内容", "分数"
GROUP_KEYS = {POINT, CONTENT, TARGET_SYSTEM, "考点评估类型", "使用模型"}
CONTENT_KEYS = {PRINCIPLE, CASES}
CASE_KEYS = {CASE_ID, INPUT, SYSTEM, DISEASE, COMPLEXITY, PEOPLE, PASS, FAIL, RULES}
RULE_KEYS = {RULE_TEXT, RULE_POINTS}
TRACKS: Mapping[str, Track] = {"安全门": "safety", "有效门": "effectiveness"}

STRUCTURED_PANEL = "sampled_deepseek-r1-old"
_FILE = re.compile(r"(e[0-9]+)_wp\.json(\.gz)?")


@dataclass(frozen=True, slots=True)
class ReleasedModel:
    """A model of the release: the key of its score, and where its verdicts stand."""

    key: str
    field: str
    verdicts: str

    @property
    def score(self) -> str:
        return f"{self.key}_score"


MODELS = (
    ReleasedModel("mg", "MG_vs_claude_eval", "MG判断结果"),
    ReleasedModel("ds", "MG_vs_deepseek-r1_eval", "ds判断结果"),
    ReleasedModel("o3", "MG_vs_o3_eval", "o3判断结果"),
    ReleasedModel("gemini", "MG_vs_gemini_eval", "gemini判断结果"),
    ReleasedModel("qwen", "MG_vs_qwen_eval", "qwen判断结果"),
    ReleasedModel("claude", "MG_vs_claude_eval", "claude判断结果"),
)

# Only where one system is one department; any other becomes a department of the bank's own.
DEPARTMENTS: Mapping[str, str] = {
    "心血管系统": "cardiology",
    "呼吸系统": "respiratory_medicine",
    "消化系统": "gastroenterology",
    "内分泌系统": "endocrinology",
    "血液系统": "hematology",
    "神经系统": "neurology",
    "皮肤系统": "dermatology",
}
POPULATIONS: Mapping[str, str] = {
    "老年": "older_adult",
    "妊娠": "pregnancy",
    "哺乳期": "lactation",
    "新生儿": "newborn",
}


class ReleaseKeys(BaseModel):
    """A mapping file for the release. ``{model}`` in ``answer`` stands for mg, ds, o3, gemini, qwen or claude."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answer: Text = Field(default="{model}", description="key of a case that holds a model's answer")
    answers: dict[str, Text] = Field(default={}, description="the same for single models")
    code: Text = Field(default="编号", description="key of 考点 that holds the criterion's code")
    name: Text = Field(default="名称", description="key of 考点 that holds the criterion's name")
    weight: Text = Field(default="权重", description="key of 考点 that holds the criterion's weight")
    codes: dict[str, Key] = Field(default={}, description="codes by name, where 考点 has no code")
    departments: dict[str, Key] = Field(default={}, description="departments of the catalogue, by 系统")

    def answer_key(self, model: str) -> str:
        """The key of a case that holds the answer of ``model``."""
        return self.answers.get(model, self.answer.replace("{model}", model))


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One file of the release."""

    panel: str
    name: str
    path: Path

    def file_name(self, model: str) -> str:
        """What the files of a model are called; `mg` is another model in one of the panels."""
        return "ds-structured" if model == "mg" and self.panel == STRUCTURED_PANEL else model


def find_evaluations(source: Path) -> list[Evaluation]:
    """The files of the release that ``source``, a folder or one of them, holds. Raises ConfigError."""
    if source.is_file():
        found = _FILE.fullmatch(source.name)
        return [Evaluation(source.absolute().parent.name, found[1] if found else source.stem, source)]
    files = sorted(path for path in source.rglob("e*_wp.json*") if _FILE.fullmatch(path.name))
    if not files:
        raise ConfigError(f"{source}: no file eN_wp.json below it; name the release's folder or one of its files")
    return [Evaluation(path.absolute().parent.name, path.name.partition("_")[0], path) for path in files]


def choose_evaluations(found: list[Evaluation], panel: str | None, name: str | None) -> list[Evaluation]:
    """Those that the user asked for, in the order of their numbers. Raises ConfigError where the choice is open."""
    panels = sorted({evaluation.panel for evaluation in found})
    if panel is None and len(panels) > 1:
        raise ConfigError(f"the source holds the panels {', '.join(panels)}: choose one with --panel")
    here = [evaluation for evaluation in found if panel in (None, evaluation.panel)]
    if not here:
        raise ConfigError(f"--panel: {panel!r} is not in the source. Allowed: {', '.join(panels)}")
    here.sort(key=lambda evaluation: (len(evaluation.name), evaluation.name))
    names = [evaluation.name for evaluation in here]
    if name is None and len(here) > 1:
        raise ConfigError(
            f"the source holds the evaluations {', '.join(names)}: choose one with --evaluation, or --evaluation all: "
            f"each then counts as one of {len(here)} answers to a case (--csedb-samples {len(here)})"
        )
    chosen = [evaluation for evaluation in here if name in (None, "all", evaluation.name)]
    if not chosen:
        raise ConfigError(f"--evaluation: {name!r} is not in the source. Allowed: all, {', '.join(names)}")
    return chosen
