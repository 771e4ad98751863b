"""Model text made safe to store, ship between processes and show: data, never markup."""

import re
import unicodedata

_SURROGATES = re.compile("[\ud800-\udfff]")
# A lone carriage return would overwrite a terminal's line; bidi marks reorder it; U+2028 and U+2029 break lines.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u061c\u2028-\u202e\u2066-\u2069\ufffe\uffff]|\r(?!\n)"
)


HAN = "\u3400-\u9fff"
"""Chinese letters, for a regular expression's brackets."""


def storable(text: str) -> str:
    """``text`` without lone surrogates (each becomes U+FFFD): these cannot be encoded, and abort an xdist worker."""
    return _SURROGATES.sub("\ufffd", text) if not text.isascii() else text


def showable(text: str) -> str:
    """``text`` for terminals, XML and reports: control and bidi characters become visible escapes."""
    return _CONTROLS.sub(lambda match: f"\\u{ord(match.group()):04x}", storable(text))


def one_line(text: str) -> str:
    """``text`` for a message of one line: white space folded, everything else as `showable`."""
    return showable(" ".join(text.split()))


def folded(text: str) -> str:
    """``text`` with width, case and white space folded: what two texts share when a person calls them the same."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def shortened(text: str, limit: int) -> str:
    """At most ``limit`` characters of ``text``, saying how many are left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]} [... {len(text) - limit:,} more characters]"
