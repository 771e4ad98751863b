"""How a word is written: case, look-alike letters, British and American spelling, contractions, inflections."""

import re
import unicodedata
from functools import cache, lru_cache

INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_MARKS = re.compile("[\u0300-\u036f]")

# Cyrillic and Greek letters that look like a Latin one.
_LOOK_ALIKE = str.maketrans(
    "аеорсухіјѕһԁԛԝкмтвнαορνικτυχ",
    "aeopcyxijshdqwkmtbhaopviktux".replace(" ", ""),
)
_APOSTROPHES = str.maketrans("\u2018\u2019\u02bc\u00b4`\uff07", "''''''")

_WHOLE_WORDS = {
    "litre": "liter", "litres": "liters", "centre": "center", "centres": "centers", "titre": "titer",
    "titres": "titers", "fibre": "fiber", "fibres": "fibers", "metre": "meter", "metres": "meters",
    "millilitre": "milliliter", "millilitres": "milliliters", "licence": "license", "practise": "practice",
    "practised": "practiced", "practising": "practicing", "defence": "defense", "grey": "gray",
    "programme": "program", "programmes": "programs", "judgement": "judgment", "ageing": "aging",
    "whilst": "while", "amongst": "among", "learnt": "learned", "manoeuvre": "maneuver",
    "manoeuvres": "maneuvers", "odour": "odor", "aluminium": "aluminum", "sceptical": "skeptical",
    "fulfil": "fulfill", "enrol": "enroll", "mould": "mold", "moulds": "molds", "theatre": "theater",
    "neighbour": "neighbor", "per cent": "percent", "\u03bcg": "mcg", "ug": "mcg", "arse": "ass",
}  # fmt: skip
_SPELLINGS = (
    (re.compile(r"ae|(?<=..)oe(?=.)"), "e"),
    (re.compile(r"(?<=^f)oe"), "e"),
    (re.compile(r"^oe(?=[dsn])"), "e"),
    (re.compile(r"(?<=[a-z][mlvbdn])our(?!s?$)|(?<=[a-z]{2}[mlvbdn])our"), "or"),
    (re.compile(r"iz"), "is"),
    (re.compile(r"yz"), "ys"),
    (re.compile(r"sulph"), "sulf"),
    (re.compile(r"(?<=og)ue(?=s?$)"), ""),
    (re.compile(r"(?<=.{3})ll(?=ed$|ing$|ers?$|ors?$)"), "l"),
)
_MAYBE_BRITISH = re.compile(r"[ao]e|our|[iy]z|sulph|ogue|ll")
"""Stands in every word that one of the spellings changes: most words are spared nine substitutions."""
_KEPT = frozenset({"does", "goes", "toe", "toes", "shoe", "shoes"})

_NOT = {"can't": "can not", "cannot": "can not", "won't": "will not", "shan't": "shall not", "ain't": "is not"}
_TAILS = {"n't": " not", "'ll": " will", "'re": " are", "'ve": " have", "'d": " would", "'m": " am"}
_IS = frozenset({"it", "that", "there", "what", "here", "he", "she", "who", "where"})


def plain(raw: str) -> str:
    """A token as typed, in lower case without look-alike letters, accents and invisible characters."""
    if raw.isascii():
        return raw.lower()
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", raw)).casefold()
    text = text.translate(_APOSTROPHES)
    if any(letter.isascii() for letter in text if letter.isalpha()) or len(text) > 2:
        text = _latin(text)
    return _MARKS.sub("", unicodedata.normalize("NFD", text))


def _latin(text: str) -> str:
    latin = text.translate(_LOOK_ALIKE)
    return latin if latin.isascii() else text


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """One plain word in the spelling that patterns and answers are compared in."""
    if word in _WHOLE_WORDS:
        return _WHOLE_WORDS[word]
    if word in _KEPT or not _MAYBE_BRITISH.search(word):
        return word
    for british, american in _SPELLINGS:
        word = british.sub(american, word)
    return word


@lru_cache(maxsize=65536)
def words_of(typed: str) -> tuple[str, ...]:
    """The folded words of one plain typed: ``don't`` is two, ``patient's`` one, ``b.i.d.`` one."""
    if "'" in typed:
        typed = _without_apostrophe(typed)
    elif typed == "cannot":
        typed = "can not"
    if "." in typed and typed[0].isalpha():
        typed = typed.replace(".", "")
    return tuple(fold(word) for word in typed.split())


def _without_apostrophe(typed: str) -> str:
    if typed in _NOT:
        return _NOT[typed]
    for tail, words in _TAILS.items():
        if typed.endswith(tail):
            return typed.removesuffix(tail) + words
    if typed.endswith("'s"):
        owner = typed[:-2]
        return "let us" if owner == "let" else f"{owner} is" if owner in _IS else owner
    return typed.replace("'", "")


@lru_cache(maxsize=65536)
def number_forms(word: str) -> frozenset[str]:
    """A folded word with its plural in ``s``, ``es`` or ``ies`` and, where it looks like a plural, its singular."""
    if len(word) < 3 or not word[-1].isalpha() or word == "not":
        return frozenset({word})
    forms = {word, word + "s", word + "es"}
    if word[-1] == "y":
        forms.add(word[:-1] + "ies")
    if plural(word):
        forms.add(word[:-1])
    return frozenset(forms)


def plural(word: str) -> bool:
    """Whether a folded word looks like a plural, so that it also stands for its singular."""
    return word[-1] == "s" and len(word) > 4 and word[-2] not in "siu"


@lru_cache(maxsize=65536)
def singulars(word: str) -> tuple[str, ...]:
    """The words of which a folded word may be the plural: those that have it among their ``number_forms``."""
    if word[-1] != "s":
        return ()
    ends = [word[:-1], word[:-2] if word[-2:] == "es" else "", word[:-3] + "y" if word[-3:] == "ies" else ""]
    return tuple(one for one in ends if len(one) > 2 and one[-1].isalpha() and one != "not")


@cache
def _whole_words() -> dict[str, frozenset[str]]:
    """The folded forms of the whole words, by everything that they begin with."""
    found: dict[str, set[str]] = {}
    for typed, folded in _WHOLE_WORDS.items():
        for end in range(1, len(typed) + 1):
            found.setdefault(typed[:end], set()).add(folded)
    return {stem: frozenset(words) for stem, words in found.items()}


@lru_cache(maxsize=16384)
def stem_forms(stem: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """The whole words and the beginnings, folded, that a plain stem stands for; folding may reach over its end."""
    words = _whole_words().get(stem, frozenset())
    stems = {fold(stem)}
    if stem.endswith("ll"):
        stems |= {fold(stem)[:-1] + letter for letter in "eio"}
    if stem.endswith(("a", "o")) and len(stem) > 5:
        stems.add(fold(stem[:-1]) + "e")
    if stem.endswith(("mou", "lou", "vou", "bou", "nou", "dou")):
        stems.add(fold(stem[:-1]) + "r")
    if stem.endswith("sulp"):
        stems.add(stem[:-1] + "f")
    return words, tuple(sorted(stems))


_IRREGULAR = {
    "give": "gives giving gave given", "take": "takes taking took taken", "put": "puts putting",
    "hold": "holds holding held", "keep": "keeps keeping kept", "withhold": "withholds withholding withheld",
    "come": "comes coming came", "cut": "cuts cutting", "begin": "begins beginning began begun",
    "go": "goes going went gone", "get": "gets getting got gotten", "send": "sends sending sent",
    "find": "finds finding found", "see": "sees seeing saw seen", "make": "makes making made",
    "have": "has having had", "do": "does doing did done", "bring": "brings bringing brought",
    "step": "steps stepping stepped", "stop": "stops stopping stopped", "drop": "drops dropping dropped",
    "speak": "speaks speaking spoke spoken", "lead": "leads leading led", "rise": "rises rising rose risen",
    "forbid": "forbids forbidding forbade forbidden", "refer": "refers referring referred referral referrals",
    "admit": "admits admitting admitted admission", "omit": "omits omitting omitted omission",
    "defer": "defers deferring deferred deferral", "transfer": "transfers transferring transferred",
    "forget": "forgets forgetting forgot forgotten", "let": "lets letting", "think": "thinks thinking thought",
    "tell": "tells telling told", "say": "says saying said", "leave": "leaves leaving left",
    "skip": "skips skipping skipped", "swap": "swaps swapping swapped", "run": "runs running ran",
    "draw": "draws drawing drew drawn", "set": "sets setting", "teach": "teaches teaching taught",
    "plan": "plans planning planned", "quit": "quits quitting", "prefer": "prefers preferring preferred",
    "wean": "weans weaning weaned", "feel": "feels feeling felt", "show": "shows showing showed shown",
    "read": "reads reading", "hear": "hears hearing heard", "mean": "means meaning meant",
    "control": "controls controlling controlled", "is": "is are was were be been being am",
    "titrate": "titrates titrating titrated titration", "scan": "scans scanning scanned",
    "inject": "injects injecting injected", "rule": "rules ruling ruled",
    "ring": "rings ringing rang rung", "seek": "seeks seeking sought", "drive": "drives driving drove driven",
    "withdraw": "withdraws withdrawing withdrew withdrawn withdrawal",
    "choose": "chooses choosing chose chosen", "stick": "sticks sticking stuck", "meet": "meets meeting met",
    "strike": "strikes striking struck stricken", "shrink": "shrinks shrinking shrank shrunk",
    "sit": "sits sitting sat", "undergo": "undergoes undergoing underwent undergone",
    "undertake": "undertakes undertaking undertook undertaken", "write": "writes writing wrote written",
    "swab": "swabs swabbing swabbed", "trim": "trims trimming trimmed", "cap": "caps capping capped",
    "ban": "bans banning banned", "fit": "fits fitting fitted", "permit": "permits permitting permitted",
    "log": "logs logging logged", "forgo": "forgoes forgoing forwent forgone",
    "forego": "foregoes foregoing forewent foregone", "drink": "drinks drinking drank drunk",
    "eat": "eats eating ate eaten", "build": "builds building built", "bin": "bins binning binned",
    "stand": "stands standing stood", "shelve": "shelves shelving shelved", "shut": "shuts shutting",
    "spare": "spares sparing spared", "bleed": "bleeds bleeding bled", "chart": "charts charting charted",
}  # fmt: skip


@lru_cache(maxsize=4096)
def inflections(verb: str) -> frozenset[str]:
    """The forms of an English verb, folded."""
    if verb in _IRREGULAR:
        forms = [verb, *_IRREGULAR[verb].split()]
    elif verb.endswith("e"):
        forms = [verb, verb + "s", verb + "d", verb[:-1] + "ing"]
    elif verb.endswith("y") and verb[-2] not in "aeou":
        forms = [verb, verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing"]
    elif verb.endswith(("s", "sh", "ch", "x", "z")):
        forms = [verb, verb + "es", verb + "ed", verb + "ing"]
    else:
        forms = [verb, verb + "s", verb + "ed", verb + "ing"]
    return frozenset(fold(form) for form in forms)
