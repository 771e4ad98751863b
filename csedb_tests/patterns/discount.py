"""Sentences that name a thing without standing by it: hearsay, what holds elsewhere or later, what is waved away.

An answer that decides wrongly often has the right words all the same: "a clot is what everybody fears here, but ...",
"an echo can be added at the next visit", "ferritin would make sense if she still bruises". The scope of a negation does
not reach these. Such a sentence counts for no rule; for never-events it does.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from csedb_tests.patterns.language import SentencePattern

_BRIEF = 8
"""Words of a question that may be a condition."""
_MOST = 120
"""Words of a sentence that are looked at."""


def _any(*expressions: str) -> re.Pattern[str]:
    """One expression for all; on folded words with single blanks between them."""
    return re.compile("|".join(rf"\b(?:{one})\b" for one in expressions))


_HEARSAY = _any(
    r"(?:is|are|was|were|be) (?:usually|often|sometimes|commonly|generally|frequently|widely|traditionally|normally"
    r"|always) (?:quoted|said|called|cited|told|mentioned|advised|taught|claimed|held|thought|believed|repeated)",
    r"what (?:people|everyone|everybody|one|most people|most doctors|[a-z]+(?:ists|eons|ians|ors|ses)) (?:fears?"
    r"|reach(?:es)? for|thinks? of|worry about|worries about|(?:are|is) taught|learns?|expects?|dreads?"
    r"|remembers?)",
    r"(?:label|thing|diagnosis|name|word|worry|answer|rule) (?:that )?(?:everyone|everybody|people|one|all"
    r"|most|doctors"
    r"|textbooks) (?:reach\w*|thinks?|fears?|worr\w+|quotes?|jumps?|reads?|knows?|learns?|cites?|dreads?)",
    r"(?:the thing|something|what one|the first thing) (?:to think of|thinks of|would think of) when",
    r"(?:some|many|most|a few|others) (?:[a-z]+ )?(?:would|will|might) (?:say|call|calculate|argue|tell|quote|want"
    r"|recommend|insist|object|prefer)",
    r"one (?:reads|hears|finds|sees)|you (?:may|will|might) (?:see|read|hear|find) (?:on|in|that|it said)",
    r"in (?:the )?(?:textbooks?|principle|books)",
    r"is (?:something|a thing) (?:one|we|people|they|doctors|surgeons) (?:do|does|did|say|says)",
    r"(?:people|patients|they|parents|doctors|pharmacists|nurses) are (?:[a-z]+ )?(?:warned|told|taught|advised"
    r"|supposed)",
    r"(?:may|might) tell you",
    r"(?:went|came|crossed|passed) (?:through |to )?(?:my|one s|your) mind",
    r"one (?:ought|should|would) (?:to )?have (?:said|thought|written)",
    r"there is a rule|the rule is (?:strict|that|clear)|(?:the )?(?:standard|usual|textbook) (?:advice|rule|answer"
    r"|warning|teaching) (?:is|was|for|says)|(?:is|are) mentioned in",
    r"label(?:l?ing)? says|guidance (?:says|for|wants)|guidelines? says?|leaflets? says?",
    r"said to be|(?:is|are|was|were) (?:words?|advice|a rule|rules) from|from the [a-z]+ (?:metal )?era"
    r"|outdated|old fashioned|obsolete",
    r"it is true that|(?:was|were) written for|belonged to",
    r"should not (?:trouble|worry|bother|alarm|frighten|go ahead)|can afford|could afford|qualifies",
    r"(?:classic|usual|common|famous) (?:mistake|error|worry|fear|trap)|historically|(?:before|until) (?:19"
    r"|20)\d\d",
    r"in the first (?:few )?(?:days?|weeks?|months?|years?) after an?|so i (?:checked|looked|did the sum)",
    r"(?:usually|normally|generally|ordinarily) (?:[a-z0-9]+ ){1,14}but|(?:would|should) (?:normally"
    r"|ordinarily|usually)",
    r"(?:normally|ordinarily|usually) (?:i |one |we |you |they )?(?:would|should)|used to be taught|was once",
    r"is (?:a|an|only a|more of a) (?:reflex|ritual|relic|hangover)|belongs? (?:in|to) the (?:past|textbook)",
    r"(?:low|far|well) (?:on|down) (?:my|the) (?:worry )?list|at the bottom of (?:my|the) list"
    r"|not my first thought",
    r"on (?:everybody|everyone|every [a-z]+) s list|as a rule a|there is (?:plenty of )?room",
    r"(?:fear|worry|concern|suspicion) (?:is|was) (?:understandable|natural)",
)
"""What is said, taught or feared by somebody, somewhere, once."""

_SUPPOSED = _any(
    r"(?:can|could|may|might) (?:then |also |always |still )?be (?:added|taken|thought about|thought of|considered"
    r"|discussed|talked about|spoken about|arranged|booked|looked at|raised|done|repeated|requested|reviewed"
    r"|checked|sent|started|given)"
    r" (?:(?!today|now|tonight)[a-z]+ ){0,3}?(?:if|when|once|later|should|above|below"
    r"|at (?:the|her|his|your|some|a|an) (?:[a-z]+ )?(?:clinic|visit|follow|review|next|time|check"
    r"|routine)|another (?:time|day)"
    r"|(?:some|next) (?:time|month|year|week|visit))",
    r"(?<!only )makes? sense (?:if|when|once|above|below|only)|would make sense",
    r"only (?:when|once|worthwhile|worth|matters|sensible|useful)",
    r"(?:is|are|was|were|would be) (?:only |really |mainly |reserved |there )?for (?:people|babies|those|women|men"
    r"|patients|children|anyone|the case|heads|a disease|somebody|someone|a [a-z]+ (?:who|with|that))",
    r"applies (?:only )?(?:from|if|when|above|below)|apply only (?:from|if|when|above|below)",
    r"would be (?:treatment|right|for|needed|worth|reasonable|justified|indicated|called for|the next step)"
    r" (?:for|if|when|only|above|the|in)",
    r"if (?:that|this|it|they|these) (?:fails?|does not|do not|persists?|recurs?)",
    r"would then be|would be the next step|remains? an option|at that (?:stage|point)",
    r"(?:is|are) only (?:really )?(?:for|needed|necessary|used|worth|useful|if|when)",
    r"is (?:right|fine|enough) while|would suit (?:women|men|people|patients|those)|that would mean",
    r"(?:line|number|clinic|unit|department|service) is for",
)
"""What holds under a condition, for other people, or another time."""

_UNSETTLED = re.compile(
    r"(?:still|no (?:better|progress|improvement|change|luck|joy|response|effect|relief)|not (?:better|improving|settl"
    r"|respond|working|enough|helping|there)|persist|worse|getting worse|spikes?|spiking|fails?|failing|unchanged"
    r"|nothing (?:by|after)|returns?|recurs?|comes back|back again|if )"
)
"""How a question begins that is a condition: what follows is for later, if at all."""

_DISMISSED = _any(
    r"(?:not|no longer) (?:worth|pressing|urgent|needed|necessary|required)|nor would i|overkill|premature"
    r"|far fetched|an overreaction",
    r"i (?:would not|will not|do not|see no|shall not|need not) (?:[a-z]+ )?(?:count on|burden|trouble|spend|write"
    r"|hold|raise|mention|pursue|bother|chase|go looking|worry|reason|need|add|start|insist|expect|think|wake"
    r"|disturb)",
    r"(?:set|put|lay|leave) (?:the idea|it|that|this|the thought) aside|drop the (?:idea|thought)",
    r"what i would (?:leave|not (?!want|like|wish|miss)|drop|skip)|i would (?:leave|skip) (?:out|it|that|the|this)",
    r"so (?:it|that|this) is not",
    r"would (?:only|merely|just) (?:mean|make|frighten|worry|cost)|only (?:means?|frightens?|costs?)",
    r"no need to (?:keep|ring|call|admit|refer|check|test|repeat|tell|involve|scan|ask|send|phone|wake"
    r"|disturb|trouble"
    r"|see|examine|monitor|add|start|change)",
    r"(?:they|those|these) are no reason (?:for|to)|so (?:she|he|you) (?:qualif\w+|can do without|need not)",
    r"no (?:such )?(?:rush|hurry)|more than ample|is ample",
    r"(?:does|do|did) not (?:occur|apply|matter|count|arise|concern|justify|warrant|call for|need testing)",
    r"(?:rarely|seldom|hardly ever) (?:needed|necessary|the cause|matters?|required)",
    r"so (?:i|we) (?:would|will) (?:keep|leave|set|go along|stay|carry on|let|skip)|so i go along",
    r"(?:you|he|she) (?:have|has) neither|they are in good hands",
    r"(?:keep|bear) (?:it|that|this|them) in mind",
    r"leave (?:it|that|both|them|those|these) (?:too|out|in the|at that|be|for now|until|till)",
    r"(?:excludes|rules) (?:it|that|this)(?: out)?|cannot separate|can not separate",
    r"leave (?:it|that|them|both)$|(?:can|could) come out before",
)
"""What is waved away."""

_ROUTINE = _any(
    r"(?:ordinary|routine|usual|normal|regular) (?:gp |clinic |outpatient )?(?:appointment|referral|clinic|visit"
    r"|follow up|letter|slot|list)",
    r"at the (?:next|routine|usual|regular|annual|planned) (?:[a-z]+ )?(?:visit|appointment|clinic|review"
    r"|follow up)",
    r"(?:can|could|will|may) (?:easily |safely )?(?:wait|keep) (?:until|till|for)|soon enough|courtesy",
    r"no (?:such )?(?:rush|hurry)|in due course|down the line|when (?:you|she|he) next|some time (?:this|next)",
    r"(?:can|could|may|might|will) (?:talk|speak) about (?:it|that|this)|(?:can|could) be revisited",
)
"""No hurry."""

_CONDITION = re.compile(r"\b(?:if|when|unless|once|should|until|worse\w*|only|then|later)\b|@delay")
_NEGATIVE = re.compile(
    r"@(?:avoid|unneeded|delay|stop|reduce|unverified)|(?:^|[&|]) *(?:no|not|never|none|nothing|neither|nor|without"
    r"|cancel|skip|leave|stop\w*|avoid|against|refuse|decline|omit|harm\w*|wrong|withh\w+|unlikely|false)\b"
)
_NOW = re.compile(r"@urgent|\b(?:now|today|tonight)\b")


def unsettled(question: str) -> bool:
    """Whether a short question, in folded words, is a condition: "no better by friday"."""
    return question.count(" ") < _BRIEF and _UNSETTLED.match(question) is not None


def discounted(part: SentencePattern, words: Sequence[str], asked: Sequence[str] = ()) -> bool:
    """Whether a sentence of these (folded) words, its lead-in before it, does not stand by what a rule's pattern found.

    A pattern that itself names a condition ("if", "once") or something negative is spared the cues of that kind.
    ``asked`` is a short question just before it, which may be a condition: "No better by Friday? Then an echo."
    """
    spoiling = _spoiling(part.text)
    if asked and spoiling & 2 and unsettled(" ".join(asked)):
        return True
    return bool(spoiling & _kinds(" ".join(words[:_MOST])))


@lru_cache(maxsize=1024)
def _kinds(text: str) -> int:
    """The kinds of cues in a sentence, as bits: one sentence is asked about for many patterns."""
    return sum(bit for bit, cue in _CUES.items() if cue.search(text) is not None)


@lru_cache(maxsize=16384)
def _spoiling(pattern: str) -> int:
    """The kinds of cues that spoil a pattern."""
    named = "&".join(group for group in pattern.split("&") if not group.strip().startswith("!"))
    kinds = 1
    if not _CONDITION.search(named):
        kinds += 2 + (8 if _NOW.search(named) else 0)
    return kinds if _NEGATIVE.search(named) else kinds + 4


_CUES = {1: _HEARSAY, 2: _SUPPOSED, 4: _DISMISSED, 8: _ROUTINE}
