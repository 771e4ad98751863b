"""A guess at a text's language, for sources that do not say: by script, and by the commonest words of a few languages.

`und` (undetermined, BCP 47) where the text does not say; a wrong tag would be worse than none.
"""

import re
from collections.abc import Mapping

from csedb_tests.text import HAN

_LONGEST = 4_000
_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS: Mapping[str, re.Pattern[str]] = {
    "ja": re.compile("[\u3041-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7a3]"),
    "zh": re.compile(f"[{HAN}]"),
    "th": re.compile("[\u0e01-\u0e5b]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "el": re.compile("[\u0370-\u03ff]"),
    "und-Cyrl": re.compile("[\u0400-\u04ff]"),
    "und-Arab": re.compile("[\u0600-\u06ff]"),
    "und-Deva": re.compile("[\u0900-\u097f]"),
    "und-Beng": re.compile("[\u0980-\u09ff]"),
    "und-Ethi": re.compile("[\u1200-\u137f]"),
}
_COMMON: Mapping[str, frozenset[str]] = {
    tag: frozenset(words.split())
    for tag, words in {
        "en": "the and is are of to in for with what how my i you it that have do can should this not be was on",
        "es": "el los las una por que con para es está como mi qué cómo puedo tengo del se su más pero muy y",
        "fr": "le les des une est et pour que avec je mon ma dans sur pas qui comment ai du au ce être ou",
        "pt": "os uma por que com para é está como meu minha não em do da dos tenho posso eu ou mais muito",
        "de": "der die das und ist ein eine ich mit für auf nicht wie was kann habe mein meine zu im den bei",
        "it": "il gli una per che con è sono come mio mia non di del della ho posso cosa le nel più anche",
        "nl": "het een en ik is van met voor niet wat hoe kan mijn heb de op aan bij maar ook dat zijn",
    }.items()
}


def guess_language(text: str) -> str:
    """A BCP 47 tag for ``text``: of its script if that is telling, else of its commonest words, else `und`."""
    text = text[:_LONGEST]
    letters = sum(map(str.isalpha, text))
    for tag, script in _SCRIPTS.items():
        # Japanese is known by its kana, of which a few are enough; other scripts must make up a third of the letters.
        share = 0.1 if tag == "ja" else 1 / 3
        if letters and len(script.findall(text)) / letters > share:
            return tag
    return _by_words(text)


def _by_words(text: str) -> str:
    words = [word.casefold() for word in _WORD.findall(text)]
    counts = {tag: sum(word in common for word in words) for tag, common in _COMMON.items()}
    (best, most), (_, second) = sorted(counts.items(), key=lambda item: -item[1])[:2]
    return best if most >= 2 and most > 1.3 * second else "und"
