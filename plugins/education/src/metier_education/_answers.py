"""Answers in a text: those a learner states, the steps they write, and those a tutor must not say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from metier_education._problem import Problem, find_problem, operators, solved, value_of
from metier_education._read import (
    HAN_DIGITS,
    NUMBER_WORDS,
    WORD_NUMBER,
    Statement,
    normalise,
    statements,
)

_TENS = {
    w: 10 * n for n, w in enumerate(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2)
}  # fmt: skip
_UNITS = "one|two|three|four|five|six|seven|eight|nine"
_TENS_WORDS = re.compile(rf"\b({'|'.join(_TENS)})(?:[- ]({_UNITS}))?\b", re.A)
_HAN_TENS = re.compile("([一二三四五六七八九])?十([一二三四五六七八九])?")
_HAN_NUMBER = re.compile(
    r"(?<=[=是为得于])\s*([零一二两三四五六七八九十])(?![\u4e00-\u9fff])|^([零一二两三四五六七八九十])$"
)
_VALUE = (
    r"[-+]?\s*(?:\d+\s+\d+\s*/\s*\d+|\(?\d*√\(?\d+\)?\)?(?:\s*/\s*\d+)?|\(?\(?\d+(?:\.\d+)?\)?"
    r"(?:\s*/\s*\(?\d+(?:\.\d+)?\)?)?\)?\s*%?)"
)
_ALONE = (
    rf"({_VALUE})(?![a-z0-9_.]*[a-z0-9_(√]|\s*[*+/÷^=<>]|\s*-\s*[\d(]|\s+[a-z]\b(?!\s+[a-z]{{2}}))"
)
_LISTED = r"\s*(?:,|;|and|or|、|，|和|或者?|以及|跟|与|&)\s*"
_CLAIM = re.compile(
    r"(?:\bi (?:got|get|think (?:it(?:'?s| is)|the answer is)|have|found|say|guess(?: it'?s)?)|\banswer(?: is|:)|\bis it"
    r"|\bit(?:'?s| is)|\bmaybe|\bequals|^=|我?算出来?(?:了|是|的是)*|我得(?:到|出)?(?:了|的是)?|我?觉得是?|我?认为是?|答案(?:是|为|应该是|:|：)?"
    r"|应该是|是不是|等于|结果是|^得|^是)\s*(?:about |大约|约)?(?:[a-z]\s*=\s*)?"
    + _ALONE
    + r"(?=\s*(?:$|[.,;:!?。，；：！？、)]|(?:right|correct|because|so|and|or|since|but|as|from|maybe|is that|is it|i think)\b|[\u4e00-\u9fff]))"
)
_FILLER = re.compile(
    r"^(?:(?:well|so|um+|hmm+|uh+|ok(?:ay)?|then|maybe|perhaps|is it|is that|it'?s|it is|i think|i got|i get|the answer is|answer"
    r"|what about|how about|=|那|那么|嗯+|呃+|是不是|是|应该是|大概|可能|我觉得|等于|得)[\s,:：，]*)+"
    r"|(?:[\s?？!！.。,，]|\bright\b|\bcorrect\b|吗|吧|呢|啊|对吗|对不对|对吧)+$"
)
_NONE = re.compile(
    r"\bno (?:real )?(?:solutions?|answers?|roots?)\b|can'?t be solved|\bimpossible\b|\bthere (?:is|are) none\b|^\W*none\b|无(?:实数)?解|没有(?:实数)?(?:解|根)|无实根"
)
_ALL = re.compile(
    r"\b(?:infinite(?:ly)?|all|any|every) (?:many )?(?:real )?(?:numbers?|solutions?|values?|x)\b|always true|\bidentity\b"
    r"|无数(?:个|多)?解?|任意(?:实)?数|任何(?:实)?数|恒等"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A final answer that a learner states.

    Args:
        text: as written.
        answers: the right answers it gives: their places in `Problem.answers`.
        near: it is a right answer rounded to fewer places.
        plain: it is in its simplest form.
        value: what it is worth, where it is one number.
    """

    text: str
    answers: tuple[int, ...]
    near: bool = False
    plain: bool = True
    value: Any = None

    @property
    def right(self) -> bool:
        return bool(self.answers)


@dataclass(frozen=True, slots=True)
class Step:
    """A line of working that is no final answer.

    Args:
        text: as written.
        right: whether it says the same as the problem, or is a true calculation.
        about: "problem" where it restates the problem, "sum" where it is a calculation by itself.
    """

    text: str
    right: bool
    about: str


# --- what a learner says ------------------------------------------------------------


def find_claims(text: str, problem: Problem) -> tuple[Claim, ...]:
    """The final answers a learner states in a message, in order, each once."""
    plain = _spelled_out(normalise(text), all_words=True)
    if problem.outcome:
        return _outcomes(plain, problem)
    found: list[str] = []
    if problem.kind == "inequality":
        return tuple(_bounds(plain, problem))
    if problem.kind == "system":
        return tuple(_system_claims(plain, problem))
    if problem.kind == "rewrite":
        return tuple(_forms(plain, problem))
    if problem.variables:
        found += _assigned(plain, problem.variable)
    else:
        found += _results(plain, problem)
    found += [m[1] for m in _CLAIM.finditer(plain)]
    found += _bare(plain, problem)
    claims: dict[str, Claim] = {}
    for written in found:
        claim = _claim(written, problem)
        # The problem said over again is no answer to it.
        if claim is not None and re.sub(r"\s", "", written) != problem.text:
            claims.setdefault(claim.text, claim)
    return tuple(claims.values())


def _claim(written: str, problem: Problem) -> Claim | None:
    text = written.strip().rstrip(".")
    bare = text.rstrip("%") if problem.goal == "percentage" else text
    value = value_of(bare)
    if value is None or not value.is_number:
        return None
    exact = tuple(i for i, answer in enumerate(problem.answers) if value == answer)
    near = tuple(
        i for i, answer in enumerate(problem.answers) if not exact and _rounded(bare, value, answer)
    )
    fraction = re.fullmatch(r"-?\s*\(?(\d+)\)?\s*/\s*\(?(\d+)\)?", bare)
    plain = not (fraction and value.q != int(fraction[2]))
    if problem.goal == "simplify" and not plain:
        exact = ()
    return Claim(
        text.replace(" ", "") if "/" not in text else text, exact or near, bool(near), plain, value
    )


def _rounded(text: str, value: Any, answer: Any) -> bool:
    match = re.search(r"\.(\d+)", text)
    if not match or not answer.is_real:
        return False
    return bool(abs(float(value) - float(answer)) <= 0.5000001 * 10 ** -len(match[1]))


def _assigned(plain: str, variable: str) -> Iterator[str]:
    """The values in "x = 2", "x1 = 2, x2 = 3", "x = 2 or 3", "x = ±3", "x is 4"."""
    plain = re.sub(rf"\b{variable}_?[12]\s*(?==)", f"{variable} ", plain)
    plain = re.sub(
        rf"\b{variable}\s+(?:is|equals)\s+(?=[-\d√(])|{variable}\s*(?:等于|[是为])\s*(?=[-\d√(])",
        f"{variable}=",
        plain,
    )
    plain = re.sub(rf"({variable}\s*=)\s*±\s*([\d√/.()]+)", r"\1 \2 , \1 -\2", plain)
    for statement in statements(plain):
        if (
            statement.relations
            and set(statement.relations) == {"="}
            and variable in statement.sides
        ):
            numbers = [
                s for s, v in zip(statement.sides, statement.values, strict=True) if v.is_number
            ]
            yield from numbers[-1:]
    for match in re.finditer(rf"{variable}\s*=\s*{_VALUE}((?:{_LISTED}{_ALONE})+)", plain):
        yield from re.findall(_ALONE, match[1])


def _results(plain: str, problem: Problem) -> Iterator[str]:
    """The last side of "3*4+2 = 12+2 = 14", where the first is the problem itself."""
    for statement in statements(plain):
        if "=" in statement.relations and not statement.symbols:
            sides = statement.sides
            if sides[0] == problem.text.removeprefix("simplify "):
                yield sides[-1]
            elif sides[-1] == problem.text:
                yield sides[0]
    own = r"\s*".join(re.escape(c) for c in problem.text.replace(" ", ""))
    for match in re.finditer(rf"{own}\s*(?:\b(?:is|makes|gives)\b|[是得])\s*{_ALONE}", plain):
        yield match[1]


def _bare(plain: str, problem: Problem) -> list[str]:
    """A message that is nothing but an answer, or a list of answers."""
    rest = plain.strip()
    for _ in range(2):
        rest = _FILLER.sub("", rest).strip()
    if re.fullmatch(r"±\s*[\d√/.()]+", rest):
        return [rest[1:], f"-{rest[1:]}"]
    rest = re.sub(r"\s*(?:dollars?|percent|apples?|元|个|块|岁|厘米|米|千克|cm|kg|m|\$)$", "", rest)
    whole = re.fullmatch(rf"{_VALUE}(?:{_LISTED}{_VALUE})*", rest)
    if not whole:
        return []
    return [piece for piece in re.split(_LISTED, rest) if piece]


def _bounds(plain: str, problem: Problem) -> Iterator[Claim]:
    relation, bound = problem.answers[0]
    flipped = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "="}
    for statement in statements(plain):
        if len(statement.sides) != 2 or problem.variable not in statement.sides:
            continue
        left, right = statement.values
        mine, value = statement.relations[0], right
        if statement.sides[1] == problem.variable:
            mine, value = flipped[mine], left
        if value.is_number:
            right_one = mine == relation and value == bound
            yield Claim(statement.text, (0,) if right_one else (), value=value)


def _system_claims(plain: str, problem: Problem) -> Iterator[Claim]:
    pair = re.fullmatch(rf"({_VALUE})\s*,\s*({_VALUE})", plain.strip(" ()（）"))
    if pair:
        plain = f"{problem.variables[0]} = {pair[1]}, {problem.variables[1]} = {pair[2]}"
    for place, name in enumerate(problem.variables):
        for written in _assigned(plain, name):
            value = value_of(written)
            if value is not None and value.is_number:
                yield Claim(
                    f"{name} = {written}",
                    (place,) if value == problem.answers[place] else (),
                    value=value,
                )


def _forms(plain: str, problem: Problem) -> Iterator[Claim]:
    """Expressions a learner gives as the result of rewriting one."""
    import sympy

    for statement in statements(plain):
        text, value = statement.sides[-1], statement.values[-1]
        if text == problem.text.split(" ", 1)[1] or (not value.free_symbols and len(text) < 2):
            continue
        same = sympy.expand(value - problem.answers[0]) == 0
        if same and not finished(text, value, problem):
            continue  # a step on the way; `find_steps` has it
        if same or value.free_symbols:
            yield Claim(text, (0,) if same else (), value=value)


def finished(text: str, value: Any, problem: Problem) -> bool:
    """Whether an expression has the form that was asked for."""
    import sympy

    if problem.goal == "factor":
        factors = [f.as_base_exp() for f in sympy.Mul.make_args(value) if f.free_symbols]
        there = sum(power for _, power in sympy.factor_list(problem.answers[0])[1])
        return bool(sum(power for _, power in factors) >= there)
    terms = len(sympy.Add.make_args(sympy.expand(value)))
    written = len(re.findall(r"(?<=[\da-z)])[-+]", text)) + 1
    return "(" not in text and written == terms


def _outcomes(plain: str, problem: Problem) -> tuple[Claim, ...]:
    said = "all" if _ALL.search(plain) else "none" if _NONE.search(plain) else ""
    if said:
        right = said == ("all" if problem.outcome == "all" else "none")
        return (Claim(said, (0,) if right else ()),)
    wrong = [*_assigned(plain, problem.variable), *_bare(plain, problem)]
    return tuple(Claim(w, (), value=value_of(w)) for w in dict.fromkeys(wrong))


def find_steps(text: str, problem: Problem) -> tuple[Step, ...]:
    """The lines of working in a message that are no final answers."""
    plain = normalise(text)
    found = []
    own = problem.text.split(" ", 1)[1] if problem.kind == "rewrite" else problem.text
    for statement in statements(plain):
        if statement.text != own and (step := _step(statement, problem)):
            found.append(step)
    return tuple(found)


def _step(statement: Statement, problem: Problem) -> Step | None:
    import sympy

    if statement.relations and not statement.symbols:
        if "=" not in statement.relations or not any(operators(s) for s in statement.sides):
            return None
        true = all(v == statement.values[0] for v in statement.values)
        return Step(statement.text, true, "sum")
    if problem.kind in ("equation", "inequality") and len(statement.sides) == 2:
        if (
            statement.symbols != problem.variables
            or solved(*statement.sides)
            or solved(*statement.sides[::-1])
        ):
            return None
        other = find_problem(statement.text)
        if other is None or other.kind != problem.kind:
            return None
        same = other.answers == problem.answers and other.outcome == problem.outcome
        return Step(statement.text, same, "problem")
    if problem.kind == "expression" and not statement.relations and not statement.symbols:
        if not operators(statement.text) or re.fullmatch(r"-?\d+/\d+|\d+ \d+/\d+", statement.text):
            return None
        return Step(statement.text, statement.values[0] == problem.answers[0], "problem")
    if problem.kind == "rewrite" and statement.symbols:
        same = sympy.expand(statement.values[-1] - problem.answers[0]) == 0
        if same and not finished(statement.sides[-1], statement.values[-1], problem):
            return Step(statement.text, True, "problem")
    return None


# --- what a tutor must not say -------------------------------------------------------

_TOLD = re.compile(
    r"(?:\b(?:answer|solution|root|result|value|sum|product|total)s?\b[^.\n]{0,30}?|答案|结果|[解根值和积]是?|就?是|为|等于|得到?|应为"
    r"|\b(?:is|are|be|becomes?|equals?|gives?|get|gets|got|getting|have|has|leaves|left with|makes?|yields?)\b|→|⇒|=>|->|(?<=[a-z]{2})\s*=|:|：|≈)"
    r"\s*(?:exactly|simply|just|about|therefore|then|also|[a-z]\s*=)?\s*"
    + _ALONE
    + r"(?!\s+(?:steps?|sides?|terms?|numbers?|ways?|parts?|brackets?|equations?|more|times|hints?|different|equal|of|from|to)\b)"
)
_LONE = re.compile(
    rf"(?:^|\n)\s*(?:>\s*)?{_ALONE}\s*(?:[.!?。！？]?\s*(?:\n|$)|[!?。！？])|[.!?。！？]\s*{_ALONE}\s*(?:[.!?。！？\n]|$)"
)
_MARKED = re.compile(
    r"\*\*([^*\n]{1,30})\*\*|__([^_\n]{1,30})__|\\boxed\{([^{}]{1,30})\}|`([^`\n]{1,30})`"
)


def reveals(text: str, problem: Problem, known: Sequence[int] = ()) -> bool:
    """Whether a text gives a final answer away that the learner has not found.

    Args:
        known: the places in `problem.answers` that the learner has stated.
    """
    hidden = [a for i, a in enumerate(problem.answers) if i not in known]
    marked = [next(g for g in m if g) for m in _MARKED.findall(text)]
    plain = _spelled_out(normalise(re.sub(r"\*\*|__|`", " ", text)), all_words=False)
    plain = re.sub(r"\b([a-z])_?\s*[12]\s*=", r"\1 =", plain)
    if problem.outcome:
        return bool(_ALL.search(plain) if problem.outcome == "all" else _NONE.search(plain))
    if not hidden:
        return False
    if problem.kind == "inequality":
        return any(c.right for c in _bounds(plain, problem))
    if problem.kind == "rewrite":
        return any(c.right for c in _forms(plain, problem))
    if problem.kind == "system":
        return any(set(c.answers) - set(known) for c in _system_claims(plain, problem))
    return _says(plain, marked, problem, hidden)


def _says(plain: str, marked: Sequence[str], problem: Problem, hidden: Sequence[Any]) -> bool:
    own = re.sub(r"[\s()]", "", problem.text.removeprefix("simplify "))
    if problem.kind == "expression":  # said again, it gives nothing away: "work on a - 1 - a"
        again = r"\s*".join(map(re.escape, re.sub(r"\s", "", problem.text)))
        plain = re.sub(rf"(?<![\w.]){again}(?![\w.])(?!\s*[-+*/^=])", ". ", plain)

    def tells(written: str) -> bool:
        if re.sub(r"[\s()]", "", written) == own:
            return False  # the problem itself, as in "Let's work on √16"
        value = value_of(
            written.strip().rstrip("%") if problem.goal == "percentage" else written.strip()
        )
        if (
            problem.goal == "simplify"
            and (whole := re.search(r"/\s*(\d+)", written))
            and value is not None
        ):
            return value in hidden and value.q == int(whole[1])
        return value is not None and any(
            value == answer or _rounded(written, value, answer) for answer in hidden
        )

    if any(tells(_after_sign(normalise(m))) for m in marked):
        return True
    for statement in statements(plain):
        if "=" not in statement.relations:
            continue
        if problem.variables and problem.variable in statement.sides:
            if any(v in hidden for v in statement.values):
                return True
        elif not statement.symbols and tells(statement.sides[-1]):
            return True
    for match in (*_TOLD.finditer(plain), *_LONE.finditer(plain)):
        if any(tells(written) for written in match.groups() if written):
            return True
    if problem.kind != "expression":
        return False
    given = {value_of(n) for n in re.findall(r"\d+(?:\.\d+)?", problem.text)}
    numbers = re.finditer(rf"(?<![a-z0-9_./*+÷^√(-])(?<![-+*/÷] ){_ALONE}", plain)
    return any(tells(m[1]) and value_of(m[1]) not in given for m in numbers)


def _after_sign(text: str) -> str:
    return text.rsplit("=", 1)[-1].strip().rstrip(".")


def _spelled_out(plain: str, *, all_words: bool) -> str:
    """Number words as digits; "one" only where a learner answers, as it is mostly an article."""

    def digit(match: re.Match[str]) -> str:
        word = match[0]
        return word if word == "one" and not all_words else NUMBER_WORDS[word]

    plain = _TENS_WORDS.sub(
        lambda m: str(_TENS[m[1]] + int(NUMBER_WORDS.get(m[2] or "", "0"))), plain
    )
    plain = WORD_NUMBER.sub(digit, plain)
    plain = _HAN_TENS.sub(
        lambda m: str(int(HAN_DIGITS.get(m[1], "1")) * 10 + int(HAN_DIGITS.get(m[2], "0"))), plain
    )
    return _HAN_NUMBER.sub(lambda m: HAN_DIGITS[m[1] or m[2]], plain)
