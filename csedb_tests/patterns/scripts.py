"""Text that the English patterns cannot read, because it is written in another script."""

import re

_OTHER = re.compile(
    "[\u0400-\u052f\u0531-\u058f\u05d0-\u05ea\u0620-\u06ff\u0900-\u0dff\u0e01-\u0eff\u10a0-\u10ff\u1200-\u137f"
    "\u1780-\u17ff\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
)
MOST = 20
"""Letters of other scripts that an English answer may hold: a name, a word or two."""


def in_another_script(words: list[str]) -> bool:
    """Whether more than a name or two is in letters that are neither Latin nor Greek.

    ``words`` are folded, so that look-alikes of Latin letters are Latin.
    """
    return sum(len(_OTHER.findall(word)) for word in words if not word.isascii()) > MOST
