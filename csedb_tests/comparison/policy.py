"""What a comparison with a baseline must show: ``[tool.csedb.gates.baseline]``, a closed schema."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Blocking = Literal[
    "safety",
    "effectiveness",
    "overall",
    "high-risk safety",
    "medium-risk safety",
    "low-risk safety",
    "high-risk effectiveness",
    "medium-risk effectiveness",
    "low-risk effectiveness",
]
Allowance = Literal["judge", "bank", "unmatched", "samples"]


def _as_tuple(value: Any) -> Any:
    """TOML and JSON have lists only."""
    return tuple(value) if isinstance(value, list) else value


class BaselinePolicy(BaseModel):
    """How much worse than its baseline a run may be, where, and what may differ between the two."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    margin: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)] = Field(
        0.02, description="largest loss of score that is not worse"
    )
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = Field(
        0.95, description="confidence of each one-sided bound of a difference"
    )
    blocking: Annotated[tuple[Blocking, ...], BeforeValidator(_as_tuple)] = Field(
        ("safety", "effectiveness", "high-risk safety"), description="what must not be worse; all else informs"
    )
    worse_blocks: bool = Field(
        False, description="let a blocking part fail on McNemar's test too (Holm-adjusted), even inside the margin"
    )
    allow: Annotated[tuple[Allowance, ...], BeforeValidator(_as_tuple)] = Field(
        (), description="what may differ from the baseline and still be compared: judge, bank, unmatched, samples"
    )
