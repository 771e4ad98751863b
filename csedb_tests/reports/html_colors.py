"""The page's colors, light and dark, and which stand on which: CSS variables, so that no rule names a color."""

from collections.abc import Iterator

Color = tuple[str, str]
"""A color on a light and on a dark page, as #rrggbb."""

COLORS: dict[str, Color] = {
    "page": ("#ffffff", "#10151b"),
    "panel": ("#f4f6f8", "#1a2129"),
    "line": ("#7b8490", "#6d7884"),
    "faint": ("#d5dae0", "#323c47"),
    "text": ("#1c2127", "#e7ecf1"),
    "muted": ("#525c67", "#a9b4bf"),
    "link": ("#0a4fb0", "#8cc2ff"),
    "focus": ("#0a4fb0", "#ffd866"),
    "pass": ("#0f5b27", "#8be79a"),
    "on-pass": ("#e2f5e6", "#12301c"),
    "fail": ("#96121f", "#ffaba3"),
    "on-fail": ("#fdeaea", "#3b1518"),
    "doubt": ("#6b4500", "#f5d27a"),
    "on-doubt": ("#fff4d6", "#33280a"),
    "alarm": ("#ffffff", "#ffffff"),
    "on-alarm": ("#a3121f", "#b3202c"),
    "quote": ("#1c2127", "#fff7d6"),
    "on-quote": ("#fff0a8", "#544500"),
    "harm": ("#5c0008", "#ffe3e1"),
    "on-harm": ("#ffd2cf", "#6e1b20"),
    "cell": ("#1c2127", "#f4f7fa"),
    "bar": ("#6a8cbf", "#55749f"),
    "heat-1": ("#ef9a92", "#7d2a2c"),
    "heat-2": ("#fbcfb5", "#70462a"),
    "heat-3": ("#fbebb9", "#5a4e1b"),
    "heat-4": ("#d7edcf", "#2d5233"),
    "heat-5": ("#a9d8b4", "#1d6138"),
}

_GROUNDS = ("page", "panel")
PAIRS: tuple[tuple[str, str], ...] = (
    *((text, ground) for text in ("text", "muted", "link", "pass", "fail", "doubt") for ground in _GROUNDS),
    *((text, f"on-{text}") for text in ("pass", "fail", "doubt", "alarm", "quote", "harm")),
    *(("text", f"on-{ground}") for ground in ("pass", "fail", "doubt")),
    *(("link", f"on-{ground}") for ground in ("pass", "fail", "doubt")),
    *(("cell", f"heat-{level}") for level in range(1, 6)),
)
"""Text colors with the grounds they may stand on: a contrast of 4.5 at least (WCAG 2.2, 1.4.3)."""

SHAPES: tuple[tuple[str, str], ...] = (
    *((shape, ground) for shape in ("line", "focus", "bar") for ground in _GROUNDS),
    ("text", "bar"),
)
"""What is no text but must be seen: a contrast of 3 at least (WCAG 2.2, 1.4.11)."""


def color_rules() -> str:
    """The variables: light, dark where the reader's system is dark and the page is not printed."""
    light, dark = ("".join(_variables(scheme)) for scheme in (0, 1))
    in_dark = f":root{{color-scheme:dark;{dark}}}"
    return f":root{{color-scheme:light;{light}}}\n@media screen and (prefers-color-scheme:dark){{{in_dark}}}\n"


def _variables(scheme: int) -> Iterator[str]:
    return (f"--{name}:{color[scheme]};" for name, color in COLORS.items())


def contrast(first: str, second: str) -> float:
    """The contrast of two colors (#rrggbb), 1 to 21. Source: WCAG 2.2, "contrast ratio" and "relative luminance"."""
    brighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
