"""Text as Markdown shows it: nothing in it formats, links, opens a tag or notifies anybody."""

import re

from csedb_tests.text import one_line

_MARKUP = re.compile(r"([\\`*_{}\[\]#|!~])")


def escaped(text: str) -> str:
    """``text`` on one line, as plain words."""
    flat = _MARKUP.sub(r"\\\1", one_line(text))
    flat = flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return flat.replace("@", "@\u200b").replace("://", ":\u200b//")  # zero-width spaces: no mention, no bare link


def code(text: str) -> str:
    """``text`` on one line, in code type."""
    return f"`{one_line(text).replace('`', chr(0x2CB))}`"
