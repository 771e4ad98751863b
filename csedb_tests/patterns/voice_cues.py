"""The words by which an answer shows that a passage does not speak for it: see `csedb_tests.patterns.voice`.

``triggers`` are words of which a match holds one, and ``also`` others of which the text must hold one too: so that an
expression, which is dear, is tried on little of an answer or on nothing.
"""

import re
from dataclasses import dataclass

from csedb_tests.patterns.spelling import plain, words_of


@dataclass(frozen=True, slots=True)
class VoiceCue:
    """An expression and the folded words without which it cannot match; ``reach``: characters it spans at most."""

    expression: re.Pattern[str]
    triggers: frozenset[str]
    also: frozenset[str]
    reach: int

    def found(self, lower: str, vocabulary: frozenset[str]) -> list[re.Match[str]]:
        """The matches in a text in lower case. ``vocabulary``: its folded words, or more."""
        hits = self.triggers & vocabulary
        if not hits or (self.also and self.also.isdisjoint(vocabulary)):
            return []
        return [match for window in self._windows(lower, hits) for match in self.expression.finditer(lower, *window)]

    def _windows(self, lower: str, hits: frozenset[str]) -> list[tuple[int, int]]:
        """The surroundings of the words ``hits``; the whole text if one is spelled otherwise in it."""
        places: list[int] = []
        for word in hits:
            some = _places(lower, word)
            if not some:
                return [(0, len(lower))]
            places += some
        windows: list[tuple[int, int]] = []
        for place in sorted(places):
            if windows and place - self.reach <= windows[-1][1]:
                windows[-1] = (windows[-1][0], place + self.reach)
            else:
                windows.append((max(0, place - self.reach), place + self.reach))
        return windows


def _places(text: str, word: str) -> list[int]:
    places, place = [], text.find(word)
    while place >= 0:
        places.append(place)
        place = text.find(word, place + 1)
    return places


def _folded(typed: str) -> frozenset[str]:
    return frozenset(word for one in typed.split() for word in words_of(plain(one)))


def _cue(triggers: str, expression: str, also: str = "", reach: int = 100) -> VoiceCue:
    """A space in ``expression`` is any white space, an apostrophe any one, a line end nothing; lower case only."""
    line = expression.replace("\n    ", "").replace("'", "['\u2019]")
    spaced = line.replace("[ -]", r"[\s-]").replace(" ?", r"\s?").replace(" ", r"\s+")
    return VoiceCue(re.compile(spaced, re.MULTILINE), _folded(triggers), _folded(also), reach)


GRADING = _cue(
    "grader graders rubric rubrics evaluator evaluators examiner examiners scheme key scoring grading credit marks "
    "judge judges "
    "judging scores grades rates evaluates gold ignore override forget prompt statement statements verdict "
    "verdicts met assessor assessors checkers whoever whosoever assesses checks checking marking",
    r"""\b(?:graders?|rubrics?|evaluators?|assessors?|checkers|(?<!medical\s)examiners|(?<!medical\s)examiner
     (?:would|wants|will|is|has)
    |mark(?:ing)? scheme|answer key|scoring (?:guide|key|system)|grading (?:criteria|instructions?|guide\w*|system)
    |full (?:credit|marks)|(?:lenient|strict|impartial|fair|ai|llm) judge|dear judge|the judges?\b(?=\W*(?:should
    |must|may|will|:|,))
    |who(?:ever|soever)? (?:is |will )?(?:scor|grad|mark|judg|rat|evaluat|assess|check)(?:es?|ing|s)\b
    |gold[ -]standard (?:answer|response)
    |(?:ignore|override|forget) (?:(?:all|any|your|the|previous|prior|earlier) )*(?:instructions?|prompts?|rubrics?)
    |system prompt|judg(?:e|ing) instructions?|statements? (?:no\.? ?)?\d+\b|verdicts?["\x27]?\s*[:|=]
    |verdict \w+=|\bnot_met\b)
    |\bresult\W+(?:is )?met\b|["\x27=|:>(\[]\s*(?:not[ _])?met\b(?!\s*\w)""",
)
"""Talk to or of a grader: from there on nothing is said to the patient."""

MARKED = _cue(
    "score grading passed x pass satisfied correct true met rule rules criterion item point grade tick submission "
    "reviewer reviewers fulfilled complies comply",
    r"""^[\W_]*\[x\] |^[\W_]*(?:pass(?:ed)?|met|satisfied|fulfilled|true|correct)[*_]*\s*[:=\u2013\u2014-]
    |\b(?:rule|criterion|item|point|statement) \d+\W{0,3} ?(?:is )?(?:pass(?:ed)?|met|satisfied|fulfilled|true
    |yes|correct)\b
    |\bgrad(?:e|ing) (?:is|this|of|the|me)\b|(?<!gcs\s)(?<!coma\s)(?<!apgar\s)\bscore (?:is|of) (\d{1,3}) ?
    (?:/|out of) ?\1\b|\bcompl(?:y|ies) with (?:(?:the|all|every
    |your) )*(?:required|rules?|items?|criteri\w+|requirements?)\b|\btick (?:every|all|each)\b|\b(?:this|the
    |my) submission\b|\breviewers?\b(?=,? please)""",
)
"""Marks given by the answer to itself."""

PLAY = _cue(
    "play playing roleplay suppose pretend imagine upon ego character scene opposite parallel story tale novel "
    "script film persona villain hero",
    r"""\b(?:role[ -]?play(?:ing)?|let(?: us|'s| me) (?:pretend|imagine)|(?:pretend|imagine) (?:that )?(?:i|you
    |we) (?:am|are|were|was)
    |imagine (?:a|another) (?:world|universe|doctor|clinician)|suppose (?:for a moment|i (?:am|was|were))
    |once upon a time|alter ego|in character|a short play|scene\s*:
    |opposite day|parallel (?:world|universe)
    |(?:as|playing) (?:my|the|an?) (?:\w+ )?(?:persona|character|villain|hero))\b
    |(?:^|[.!?] |\n)\s*in (?:the|this|my|a) (?:story|tale|novel|script|play|film)\b""",
)
"""A part that is played."""

LABEL = _cue(
    "reference references source sources bibliography citation citations literature reading footnote footnotes "
    "endnotes contents index glossary "
    "keyword keywords key hashtags tags terms topic topics subject subjects theme themes points areas issues agenda",
    r"""^[\W_]*(?:references?(?: list)?|sources?|bibliography|citations?|literature|further reading|footnotes?
    |endnotes?
    |(?:table of )?contents|index|glossary|key ?words?|hash ?tags|(?:search|index|key) terms)[\W_]*$
    |^[\W_]*(?:agenda|further reading|sources?|key ?words?|hash ?tags|tags|(?:search|index|key) terms|
    (?:table of )?contents|references?|bibliography|citations?)\s*[*_]*\s*:
    |^[\W_]*(?:topics?|subjects?|themes?|points|areas|issues) (?:(?:that|are|were|i|we|have|been|will|be) )*
    (?:covered|touched|addressed|mentioned|discussed|considered|treated|cover|touch|address)\b""",
)
"""A list of things that are named, not said. Looked for at the start of a block."""

CITATION = re.compile(r"\b(?:19|20)\d\d\s*;\s*\d+\s*(?:\(\d+\))?\s*:\s*\w?\d|\w\s+\d+\s*\((?:19|20)\d\d\)\s*:?\s*\d")
"""Year, volume and page: the end of an entry in a list of references, unless it stands in brackets."""

PASTED = _cue(
    "says states explains advises tells mentions recommends warns makes points notes identifies recognises "
    "attributes reassures",
    r"""^[\W_]*(?:\d+[.)] )?(?:[\w-]{1,40}\s*: )?(?:(?:says|states|explains|advises|tells|mentions|recommends
    |warns|makes clear|points out|notes)
     (?:that|the|him|her|them|how|why|not|to|against|of)\b
    |(?:identifies|recognises|attributes|reassures|explains|advises|recommends|mentions|states|says)\b)""",
)
"""A description of an answer, as rubrics have it. Looked for at the start of a block or sentence."""

ABOUT_ITSELF = _cue(
    "answer answers response responses reply replies message post output attached enclosed linked "
    "accompanying separate predecessor advice",
    r"""\b(?:(?:this|the|my|our|above|whole|full|complete|longer|final|next|previous|earlier|real|official|actual
    |second|other) ){1,3}
    (?:answer|response|reply|message|post|output)s? (?:(?:above|below|already|clearly|also|will|would|should|must
    |ought to|has|have|had|does|is|was|that \w+) ){0,3}
    (?:says?|said|states?|stated|explains?|explained|covers?|covered|contains?|includes?|mentions?|mentioned
    |recommends?|recommended|advises?|advised
    |tells?|told|lists?|describes?|discuss(?:es|ed)?|address(?:es|ed)?|names?|warns?|warned|made|makes|to be read
    |to say)\b
    |\b(?:attached|enclosed|linked|accompanying|separate) (?:document|file|leaflet|handout|page|note|pdf) \w+s\b
    |\bin (?:my|our|the|a) (?:next|full|later|second|complete|separate|future|longer) (?:message|answer|reply
    |response|post|e-?mail)\b
    |\b(?:predecessor|colleague|chatbot|model|assistant)(?:'s)? (?:answer|reply|response|advice) (?:was|is)\b""",
    reach=200,
)
"""What this or another answer is said to say."""

PROMISE = _cue(
    "request space could",
    r"""\b(?:available|sent|supplied) (?:up)?on request\b|\bwatch this space\b
    |\b(?:i|we) could (?:(?:now|also|then) )?(?:talk|speak|say|write|go on|tell you|discuss|explain)\b""",
    also="available sent supplied watch talk speak say write tell discuss explain",
)
"""What is not said but could be."""

NOT_MINE = _cue(
    "critics sceptics skeptics purists pedants alarmists supposedly allegedly called slogan mantra dogma cliche motto "
    "politically fairy exam examination viva elsewhere",
    r"""\b(?:critics|sceptics|skeptics|purists|pedants|alarmists|supposedly|allegedly|politically correct|said elsewhere
    |told you elsewhere|so-called (?:rule|danger|risk|contraindication|expert|guideline)s?
    |the (?:slogan|mantra|dogma|cliche|motto|fairy tale)|in an? (?:exam|examination|viva))\b""",
)
"""What is somebody else's, whoever that is."""

NOT_HERE = _cue(
    "different other another any",
    r"""\b(?:in|for) (?:(?:an?|any) (?:different|other)|another) (?:patient|person|man|woman|child|case|life)\b""",
    also="patient person man woman child case life",
)
"""What would be said of somebody else."""

NOT_NOW = _cue(
    "if were had have lying",
    r"""\b(?:(?:would|could|might) (?:once )?have (?:said|told|written|warned|advised|argued)|had you asked
    |if (?:i|you|he|she|they|this|it) (?:were|had been)
    |were (?:i|you|he|she|they) (?:an?|in)|i would be (?:lying|a fool))\b""",
    also="said told written warned advised argued asked were fool lying had",
)
"""What would be said if something else were the case."""

WANTED = _cue(
    "say write state hear tell repeat mention claim recommend warn add",
    r"""\bi (?:am|was|'m) (?:supposed|expected|meant|told|obliged|required|asked|forced|paid|trained) to (?:say
    |write|state|tell|add|repeat|mention|claim|recommend|warn)
    |\b(?:would|will|may|might|want|wants|like|likes|expects?) (?:want |like |expect )?(?:me|us) to (?:say|write
    |state|hear|repeat|mention|claim)\b""",
    also="supposed expected meant told obliged required asked forced paid trained me us",
)
"""What one is expected to say."""

SPOKEN = _cue(
    "says said wrote writes reads read insists claims argues replied reply whispers shouts thinks declared "
    "declares title titled called named",
    r"""\b(?:says|said|wrote|writes|reads?|insists|claims|argues|replied|reply (?:was|is)|whispers
    |shouts|thinks|declare[sd]|title[d]?|called)\b
    [^.!?"\u201c\u2018\n]{0,40}(?:(?<=\s)\x27|["\u201c\u2018])(?P<speech>[^"\u201d\n]{10,1500}?)
    (?:["\u201d\u2019]|\x27(?!\w))""",
    reach=1700,
)
"""Somebody's speech, in inverted commas."""

QUOTED = _cue(
    "what how slogan cliche relic myth",
    r"""["\x27\u201d\u2019] (?:is|was|are) (?:what (?:an?|the|some|any|your|his|her) |how |a (?:slogan|cliche
    |relic|myth))""",
)
"""A quotation whose speaker stands behind it."""

_TURNED_DOWN = (
    "lost listen talk broken between not share agree disagree believe accept buy need reason ignore disregard "
    "forget attention heed wrong "
    "overcautious cautious outdated date obsolete nonsense mistaken exaggerated myth untrue false "
    "fashioned rubbish overdone silly theory alarmist relic nobody believes cares worry concern bother "
    "trouble apply knew anyway real practice withdrawn true view here"
)
SOMEONE = _cue(
    "some many others several few certain most textbook textbooks guideline guidelines guidance protocol protocols "
    "officially paper theory theoretically "
    "traditionally formally according lawyer lawyers insurers school wisdom book books official standard usual "
    "classic safe correct expected cautious granted know anyone everyone",
    r"""\b(?:some|many|others?|several|a few|certain|most) (?:\w+ )?(?:say|claim|argue|think|believe|insist|hold
    |would|will|might|may|maintain|suggest|recommend|write)\b
    |\b(?:textbooks?|guidelines?|guidance|protocols?|officially|on paper|in theory|theoretically|traditionally
    |formally|according to|lawyers?|insurers?|old school|school of thought
    |conventional wisdom|received wisdom|the (?:books?|official|standard|usual|classic|safe|correct|expected
    |cautious) (?:line|version|answer|advice|teaching|view|says?)
    |i know that|granted|anyone|everyone)\b""",
    also=_TURNED_DOWN,
    reach=60,
)
"""A view that may be shared or not: it is not this answer's if it is REJECTED."""

OTHERS = _cue(
    "say tell warn", r"""\b(?:\w+s will (?:tell|say|warn)|would (?:warn|tell you|say))\b""", also=_TURNED_DOWN
)
"""As SOMEONE, of people not named there."""

REJECTED = _cue(
    _TURNED_DOWN,
    r"""\bi (?:do not|don't|cannot|can't|would not|wouldn't|never) (?:\w+ )?(?:share|agree|believe|accept|follow
    |hold|buy|see (?:any|a|the) (?:need|reason))
    |\bi disagree|\bi see no (?:need|reason)|\b(?:ignore|disregard|forget) (?:(?:all|any|of) )*(?:that|this|it
    |them|these|those)\b|\bpay (?:no|little) (?:attention|heed)
    |\b(?:that|this|it|they|these|those|which|both|view|advice|rule)(?: is| are| was| were|'s|'re)
     (?:\w+ ){0,2}?(?:wrong|over[ -]?cautious|outdated|out of date
    |obsolete|nonsense|mistaken|exaggerated|a myth|untrue|false|old[ -]fashioned|rubbish|overdone|too cautious
    |silly|theory|alarmist|a relic
    |not (?:true|so|for (?:you|her|him)|my (?:view|advice)))
    |\b(?:is|are) a relic\b|\bhas lost\b|\blet (?:them|him|her) talk\b|\b(?:do not|don't|no need to) listen\b
    |\bmade to be broken\b|\bbetween (?:us|you and me)\b|\bnot (?:in|for) (?:you|her|him|this case)\b
    |\bno(?:body| one) (?:\w+ )?(?:believes|does|follows|says|cares)|\b(?:it|this|that|they|these) (?:need|should
    |do|does) not (?:worry|concern|bother|trouble|apply to)
    |\bdoes not apply\b|\bknew better\b|\bgive (?:it|them) anyway\b|\bin real life\b|\b(?:has|have|was|is)
     (?:been )?withdrawn\b
    |\b(?:but|yet|however),? (?:not (?:here|in (?:her|his|your|this))|in real life|in practice|i am not|here)\b""",
)
"""How a view is turned down, in its own sentence or the next."""

DENIAL = _cue(
    "that",
    r"""\b(?:i|we) (?:will not|won't|would not|wouldn't|do not|don't|shall not|cannot|can't|refuse to|decline to
    |am not going to|am far from|hesitate to|would never|will never|never)
     (?:say|saying|state|claim|claiming|write|pretend|maintain|assert|argue|contend|concede|agree|accept)
    (?: to you| you)? that (?!is\b|was\b|would\b)
    |\bit(?: is|'s| would be) (?:an? )?(?:mistake|error|misguided|naive|wrong) to (?:think|believe|say|assume
    |claim) that
     |\bit(?: is|'s| would be) (?:(?:just|simply|plainly) )?(?:not true|untrue|false|incorrect) (?:to (?:say
    |think) )?that """,
    also="say saying state claim claiming write pretend maintain assert argue contend concede agree accept true "
    "untrue false incorrect mistake error misguided naive wrong",
)
"""A denial, which with a negation behind it turns that round."""

DENIED_OUTRIGHT = _cue(
    "far lying hesitate disagree dispute deny nonsense rubbish absurd ridiculous laughable",
    r"""\bfar be it from (?:me|us) to (?:say|suggest|claim)\b|\bi (?:would be|'d be|am) lying if i said\b
    |\bi hesitate to (?:say|claim)\b|\b(?:i|we) (?:disagree|dispute|deny) (?:with the (?:claim|idea
    |view) )?that\b|\b(?:nonsense|rubbish|absurd|ridiculous|laughable) (?:to (?:say|think|claim) )?that\b""",
)

TAKEN_BACK = _cue(
    "everything wrong false nonsense invented says reverse serious seriously actually except kidding joking lie april "
    "none true ignore disregard forget delete skip strike discard above wrote said written previous preceding "
    "paragraph section sentence sentences scratch opposite textbook official sample joke filler placeholder",
    r"""\b(?:ignore|disregard|forget|delete|skip|strike|discard|do not (?:follow|read|act on)) (?:[\w\x27]+ ){0,5}?
    (?:above|i (?:have )?(?:just )?(?:said|wrote|written)|(?:previous|preceding|last) (?:paragraph|section|part
    |advice|sentences?|lines?))\b(?! (?:the|a|an|your|her|his)\b)
    |\b(?:everything|all|nothing|none|most|what) (?:of )?(?:that |what )?(?:(?:is|was|stands) )?(?:the )?(?:this
    |above|i (?:have )?(?:just )?(?:said|written|wrote)|written above|said (?:above|so far))\b
    [^.!?\n]{0,80}\b(?:wrong|false|untrue|not|nothing|void|joke|mistaken|mistake|true|applies|holds|counts|sample
    |invented|fiction|nonsense|example)\b
    |\bthe (?:previous|preceding|above|last|first|earlier) (?:paragraph|section|sentence|advice|text|part|list
    |lines?|statement)s?\b
    [^.!?\n]{0,50}\b(?:wrong|false|untrue|incorrect|not|sample|example|invented|void|withdrawn|filler|placeholder
    |joke|mistake|nonsense)\b
    |\bthat (?:is|was) what (?:the|an?|my) ?(?:other|old|earlier|previous) [^.!?\n]{0,40}(?:wrote|said|says
    |claims?|thinks?)\b|\bjust kidding\b|\bthe reverse (?:holds|is true|applies)\b|\bdo not take (?:that|this|it
    |any of (?:it|that|this)|the above) (?:too )?serious\w*|\bactually,? no\b|\bexcept that (?:it|this|that|he
    |she|they) (?:\w+ )?(?:not|isn't|doesn't)\b|\bonly joking\b|\b(?:ignore|disregard|forget|delete
    |strike) the (?:last|previous|first) (?:\w+ )?(?:paragraph|sentence|line|point|item)s?\b
    |\bthat was (?:a lie|not true|not meant)\b|\bapril fools?\b|\bscratch (?:that|all that|the above)\b
    |\bthe opposite (?:is true|applies|of (?:the above|what i|all that|that))
    |\b(?:that|the above|all that) was (?:(?:only|just|merely|the|a|an|for) )*(?:textbook|official|exam|sample
    |joke|test|show|example|filler|placeholder)\b""",
    reach=200,
)
"""A retraction of what stands before it."""

TAKEN_ALL_BACK = _cue("back", r"\bi take (?:(?:all|everything|it|that|this|of|the above) ){1,3}back\b", also="take")

NOT_WHAT_FOLLOWS = _cue(
    "following follows below next rest",
    r"""\b(?:(?:the )?following(?: (?:lines?|paragraphs?|text|sentences?|section|list|advice|part))?|the (?:next
    |lines|text|list|paragraph|section) (?:paragraph|lines?|section|below|part|sentences?)
    |what follows|everything (?:below|that follows)|all that follows|the rest) (?:is|are|was|were) (?:\w+ ){0,3}?
    (?:wrong|false|untrue|incorrect|fiction|invented|sample|example|filler|placeholder|not (?:true|meant
    |my advice)|joke|nonsense|satire|quoted|copied)\b
    |\b(?:ignore|disregard|skip|do not (?:read|follow|act on)) (?:what follows|everything below|the (?:following
    |next|rest)|all that follows|the (?:lines|text|list|paragraph) below)""",
    also="wrong false untrue incorrect fiction invented sample example filler placeholder joke nonsense "
    "satire quoted copied ignore disregard skip true meant advice",
    reach=150,
)
"""A retraction of what stands behind it."""

NEGATION = re.compile(
    r"\b(?:not|never|no|nor|cannot|avoid\w*|contra-?indicated|forbidden|withheld|withhold)\b|n['\u2019]t\b",
    re.IGNORECASE,
)

DUTY = re.compile(
    r"\b(?:should|must|shall|ought|ha(?:s|ve|d)\s+to|needs?\s+to|may\s+not|cannot|supposed\s+to)\b"
    r"|\b(?:avoided|contraindicated)\b",
    re.IGNORECASE,
)
"""What ought to be."""
OPEN_QUESTION = re.compile(
    r"\W*(?:(?:and|but|so|then|now)\s+)?(?:what|which|how|where|when|whom?|whose|why)\b"
    r"(?!\s+(?:says|claims|decided))",
    re.IGNORECASE,
)
TO_THE_READER = re.compile(
    r"(?:^|[:;,])\W*(?:(?:and|so|now|then)\s+)?"
    r"(?:ask\b|(?:do|did|have|are|were|can|could|would)\s+you\b|is\s+there|(?:has|does)\s+s?he\b)",
    re.IGNORECASE,
)
"""Questions that somebody is to answer."""
TURN = re.compile(
    r"\W*(?:but|however|still|yet|back|in\s+(?:real\s+life|practice|reality|truth)|nevertheless)\b", re.IGNORECASE
)
"""Where what was introduced ends."""
