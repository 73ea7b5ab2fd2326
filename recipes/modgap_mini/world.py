"""The closed world of modgap-mini: facts, and several ways to ask for each of them.

A question is a template filled with an entity; its answer restates the question. Entities that
are easy to confuse by ear are in on purpose (austria/australia, iran/iraq, thirteen/thirty), so
that a model can answer right in text and wrong in speech.

Held out are (template, entity) combinations: each fact is still seen through its other templates.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

_HELD_OUT_SHARE = 0.15


@dataclass(frozen=True)
class Question:
    """One question of the world.

    Attributes:
        text: the question, as spoken and as typed.
        answer: the full sentence that answers it.
        key: the word or words of the answer that are not in the question; what makes it right.
        relation: which kind of fact, for example ``capital``.
        template: number of the wording within the relation.
    """

    text: str
    answer: str
    key: str
    relation: str
    template: int


@dataclass(frozen=True)
class Relation:
    """A kind of fact: wordings with ``{x}``, an answer with ``{x}`` and ``{y}``, and the facts."""

    name: str
    wordings: tuple[str, ...]
    answer: str
    facts: dict[str, str]

    def questions(self) -> Iterator[Question]:
        """All wordings of all facts."""
        for x, y in self.facts.items():
            for number, wording in enumerate(self.wordings):
                yield Question(wording.format(x=x), self.answer.format(x=x, y=y), y, self.name, number)


def _table(text: str) -> dict[str, str]:
    """Read ``x: y, x: y`` into a dictionary."""
    rows = (row.split(":") for row in " ".join(text.split()).split(","))
    return {x.strip(): y.strip() for x, y in rows}


def _both_ways(facts: dict[str, str]) -> dict[str, str]:
    return facts | {y: x for x, y in facts.items() if y not in facts}


_CAPITALS = _table("""
    austria: vienna, australia: canberra, iran: tehran, iraq: baghdad, niger: niamey, nigeria: abuja,
    sweden: stockholm, switzerland: bern, slovakia: bratislava, slovenia: ljubljana, mali: bamako,
    malawi: lilongwe, guinea: conakry, guyana: georgetown, paraguay: asuncion, uruguay: montevideo,
    latvia: riga, lithuania: vilnius, gambia: banjul, zambia: lusaka, mauritius: port louis,
    mauritania: nouakchott, india: new delhi, indonesia: jakarta, ireland: dublin, iceland: reykjavik,
    china: beijing, chile: santiago, chad: ndjamena, france: paris, germany: berlin, italy: rome,
    spain: madrid, portugal: lisbon, poland: warsaw, norway: oslo, finland: helsinki, denmark: copenhagen,
    greece: athens, turkey: ankara, egypt: cairo, kenya: nairobi, cuba: havana, peru: lima,
    japan: tokyo, russia: moscow, canada: ottawa, mexico: mexico city, brazil: brasilia, jordan: amman,
    oman: muscat, yemen: sanaa, nepal: kathmandu, ghana: accra, croatia: zagreb, serbia: belgrade
""")

_CONTINENTS = {
    x: continent
    for continent, countries in {
        "europe": """austria switzerland sweden slovakia slovenia latvia lithuania ireland iceland france germany
            italy spain portugal poland norway finland denmark greece russia croatia serbia""",
        "asia": "iran iraq india indonesia china turkey japan jordan oman yemen nepal",
        "africa": "niger nigeria mali malawi guinea gambia zambia mauritius mauritania chad egypt kenya ghana",
        "south america": "guyana paraguay uruguay chile peru brazil",
        "north america": "cuba canada mexico",
        "oceania": "australia",
    }.items()
    for x in countries.split()
}

_ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_TEENS = ["eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def number_name(n: int) -> str:
    """The English name of 0..99.

    >>> number_name(13), number_name(30), number_name(42)
    ('thirteen', 'thirty', 'forty two')
    """
    if n < 20:
        return (_ONES + _TEENS)[n]
    return _TENS[n // 10 - 2] + (f" {_ONES[n % 10]}" if n % 10 else "")


_ADDENDS = [*range(1, 20), *range(20, 100, 10)]
_SUMS = {
    f"{number_name(a)} plus {number_name(b)}": number_name(a + b) for a in _ADDENDS for b in (1, 2, 3, 5) if a + b < 100
}
_COUNT = [*range(1, 20), *range(20, 100, 10)]

_OPPOSITES = _both_ways(
    _table("""
    hot: cold, big: small, tall: short, fast: slow, day: night, black: white, wet: dry, hard: soft,
    old: young, rich: poor, happy: sad, early: late, open: closed, full: empty, light: dark, loud: quiet,
    strong: weak, thick: thin, near: far, high: low, left: right, love: hate, war: peace, true: false,
    win: lose, buy: sell, push: pull, start: stop, clean: dirty, sweet: sour, good: bad, up: down,
    wide: narrow, heavy: weightless, cheap: expensive, summer: winter
""")
)

_SOUNDS = _table("""
    dog: woof, cat: meow, cow: moo, sheep: baa, duck: quack, pig: oink, horse: neigh, lion: roar, bee: buzz,
    snake: hiss, owl: hoot, frog: croak, mouse: squeak, wolf: howl, crow: caw, hen: cluck, goat: bleat,
    donkey: hee haw, bear: growl, turkey: gobble, rooster: cock a doodle doo, dove: coo
""")

_COLOURS = _table("""
    lemon: yellow, tomato: red, cherry: red, banana: yellow, carrot: orange, pumpkin: orange, frog: green,
    leaf: green, lime: green, cucumber: green, raven: black, coal: black, swan: white, snowflake: white,
    cloud: white, bone: white, sapphire: blue, blueberry: blue, flamingo: pink, piglet: pink, eggplant: purple,
    plum: purple, violet: purple, mouse: gray, elephant: gray, tree trunk: brown, bear: brown, ruby: red,
    strawberry: red, canary: yellow
""")

_BABIES = _table("""
    dog: puppy, cat: kitten, cow: calf, sheep: lamb, duck: duckling, pig: piglet, horse: foal, lion: cub,
    frog: tadpole, goat: kid, hen: chick, goose: gosling, swan: cygnet, deer: fawn, kangaroo: joey,
    owl: owlet, eagle: eaglet, butterfly: caterpillar
""")

_PLURALS = _table("""
    mouse: mice, house: houses, goose: geese, moose: moose, foot: feet, tooth: teeth, child: children, man: men,
    woman: women, ox: oxen, leaf: leaves, wife: wives, knife: knives, life: lives, city: cities, berry: berries,
    sheep: sheep, ship: ships, box: boxes, fox: foxes, wolf: wolves, baby: babies, fish: fish, dish: dishes
""")

_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]


def _next_in(ring: list[str], step: int) -> dict[str, str]:
    return {x: ring[(i + step) % len(ring)] for i, x in enumerate(ring)}


RELATIONS: tuple[Relation, ...] = (
    Relation(
        "capital",
        (
            "what is the capital of {x}",
            "name the capital of {x}",
            "which city is the capital of {x}",
            "tell me the capital city of {x}",
        ),
        "the capital of {x} is {y}",
        _CAPITALS,
    ),
    Relation(
        "continent",
        ("on which continent is {x}", "which continent is {x} in", "name the continent of {x}"),
        "{x} is in {y}",
        _CONTINENTS,
    ),
    Relation("sum", ("what is {x}", "how much is {x}", "tell me {x}"), "{x} is {y}", _SUMS),
    Relation(
        "after",
        ("which number comes after {x}", "what is the number after {x}", "what comes right after {x}"),
        "after {x} comes {y}",
        {number_name(n): number_name(n + 1) for n in _COUNT},
    ),
    Relation(
        "before",
        ("which number comes before {x}", "what is the number before {x}", "what comes right before {x}"),
        "before {x} comes {y}",
        {number_name(n): number_name(n - 1) for n in _COUNT},
    ),
    Relation(
        "opposite",
        ("what is the opposite of {x}", "name the opposite of {x}", "tell me the opposite of {x}"),
        "the opposite of {x} is {y}",
        _OPPOSITES,
    ),
    Relation(
        "sound",
        ("what does a {x} say", "what sound does a {x} make", "how does a {x} sound"),
        "a {x} says {y}",
        _SOUNDS,
    ),
    Relation(
        "colour",
        ("what is the color of a {x}", "which color does a {x} have", "name the color of a {x}"),
        "the color of a {x} is {y}",
        _COLOURS,
    ),
    Relation(
        "baby",
        ("what is a baby {x} called", "name the baby of a {x}", "how do you call a baby {x}"),
        "a baby {x} is a {y}",
        _BABIES,
    ),
    Relation(
        "plural",
        ("what is the plural of {x}", "name the plural of {x}", "tell me the plural of {x}"),
        "the plural of {x} is {y}",
        _PLURALS,
    ),
    Relation(
        "day_after",
        ("which day comes after {x}", "what is the day after {x}", "name the day after {x}"),
        "the day after {x} is {y}",
        _next_in(_DAYS, 1),
    ),
    Relation(
        "day_before",
        ("which day comes before {x}", "what is the day before {x}", "name the day before {x}"),
        "the day before {x} is {y}",
        _next_in(_DAYS, -1),
    ),
    Relation(
        "month_after",
        ("which month comes after {x}", "what is the month after {x}", "name the month after {x}"),
        "the month after {x} is {y}",
        _next_in(_MONTHS, 1),
    ),
    Relation(
        "month_before",
        ("which month comes before {x}", "what is the month before {x}", "name the month before {x}"),
        "the month before {x} is {y}",
        _next_in(_MONTHS, -1),
    ),
)


def all_questions() -> list[Question]:
    """Every question of the world, in a fixed order, each text once."""
    unique = {q.text: q for relation in RELATIONS for q in relation.questions()}
    return list(unique.values())


def entities() -> list[str]:
    """Everything that facts are about and that answers name, each once."""
    return sorted({name for relation in RELATIONS for fact in relation.facts.items() for name in fact})


def repetitions() -> list[Question]:
    """Lone entities, answered by repeating them: training only, so that a name is heard apart from any wording."""
    return [Question(name, name, "", "entity", 0) for name in entities()]


def is_held_out(question: Question) -> bool:
    """Whether this (template, entity) combination is kept out of all training.

    At most one wording of a fact is held out, so the fact itself is always seen in training.
    """
    fact = hashlib.sha256(f"{question.relation}|{question.answer}".encode()).digest()
    wordings = len(next(r for r in RELATIONS if r.name == question.relation).wordings)
    share = _HELD_OUT_SHARE * wordings
    return fact[0] / 256 < share and fact[1] % wordings == question.template


def training_questions() -> list[Question]:
    """The questions that training may see."""
    return [q for q in all_questions() if not is_held_out(q)]


def held_out_questions() -> list[Question]:
    """The questions that only evaluation may see."""
    return [q for q in all_questions() if is_held_out(q)]
