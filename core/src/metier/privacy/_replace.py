"""Values to pseudonyms: in one text, and in every text of a plan."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from metier.model import (
    BadRequest,
    EgressBlocked,
    EntityAction,
    Message,
    Passage,
    Plan,
    Role,
    Segment,
    Span,
    Tool,
)
from metier.privacy._actions import NONE, Means, hidden
from metier.privacy._cache import Candidate
from metier.privacy._detector import Detector, resolve
from metier.privacy._joints import split_values
from metier.privacy._persons import address_length
from metier.privacy._restore import pseudonyms_in
from metier.privacy._vault import Hidden, PrivacyError, Vault

PolicyAction = Callable[[str], EntityAction]
"""What happens to an entity type, for the target the text is going to."""

_SETTLE = 8
_BLANK = " \t\n\r"
"""What may stand before JSON."""
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|[_\-]+")


_ALWAYS = EntityAction("pseudonymise", "core:placeholder")
"""A typed placeholder isn't personal, but would be taken for a pseudonym on the way back."""


def acted(
    spans: Iterable[Span], policy_action: PolicyAction
) -> tuple[tuple[Span, EntityAction], ...]:
    """The spans that may not go out as they are, each with its action.

    Raises:
        EgressBlocked: the policy blocks one of them.
    """
    result = []
    for span in spans:
        action = _ALWAYS if span.entity == "PLACEHOLDER" else policy_action(span.entity)
        if action.action == "block":
            raise EgressBlocked(
                f"The policy ({action.rule}) blocks {span.entity}; leave it out and send the "
                "message again. 政策不允许发送此类内容，请删除后重试。",
                code="blocked_by_policy",
                status=422,
            )
        if action.action != "keep":
            result.append((span, action))
    return tuple(result)


@dataclass(frozen=True, slots=True)
class _Job:
    """One text to rewrite.

    Args:
        certain: look only for what has a form or a checksum.
        label: what a reader sees before it, such as a JSON key.
        number: it is a JSON number, which is hidden whole or not at all.
    """

    text: str
    certain: bool = False
    label: str = ""
    number: bool = False

    @property
    def head(self) -> str:
        """The label as it is read before the text."""
        return f"{self.label}: " if self.label else ""


class _Rewriter:
    """Rewrites many texts with one vault, so that a name found in one is hidden in all."""

    def __init__(
        self, detector: Detector, vault: Vault, policy_action: PolicyAction, means: Means
    ) -> None:
        self._detector = detector
        self._action = policy_action
        self._means = means
        self.vault = vault
        self._settled: dict[_Job, str] = {}
        self._split: dict[str, list[Candidate]] = {}

    def settle(self, jobs: Sequence[_Job], said: Sequence[str] = ()) -> None:
        """Finds the values of all jobs, then rewrites each.

        Args:
            jobs: the texts.
            said: those of them that one person wrote, in order: a value may go on
                from one to the next.

        Raises:
            PrivacyError: detection failed or did not come to an end.
            EgressBlocked: the policy blocks a value.
        """
        jobs = list(dict.fromkeys(jobs))
        self._split = split_values(said, self._detector)
        texts = [job.text for job in jobs]
        for _ in range(_SETTLE):
            before = self.vault
            results = self._all_spans(jobs)
            found = [
                self._hidden(job, span, action)
                for job, spans in results.items()
                for span, action in spans
            ]
            self.vault = before.adding(found, texts)
            if self.vault is before:
                break
        else:
            raise PrivacyError("Pseudonyms did not settle; nothing was sent")
        for job, spans in results.items():
            self._settled[job] = self._written(job, [span for span, _ in spans])

    def _all_spans(self, jobs: Sequence[_Job]) -> dict[_Job, tuple[tuple[Span, EntityAction], ...]]:
        found: dict[_Job, tuple[Span, ...]] = {}
        for detector, certain in ((self._detector, False), (self._detector.certain, True)):
            some = [job for job in jobs if job.certain is certain]
            texts = [job.head + job.text for job in some]
            spans = detector.detect_all(texts, self.vault.known, self._kept)
            found.update(zip(some, spans, strict=True))
        return {job: self._spans(job, found[job]) for job in jobs}

    def _spans(self, job: _Job, found: tuple[Span, ...]) -> tuple[tuple[Span, EntityAction], ...]:
        head, spans = job.head, list(found)
        typed = [
            (start + len(head), end + len(head), "PLACEHOLDER", 1.0)
            for start, end in pseudonyms_in(job.text, self.vault)
        ]
        typed += (
            (start + len(head), end + len(head), entity, score)
            for start, end, entity, score in self._split.get(job.text, ())
        )
        if typed:
            candidates = [(s.start, s.end, s.entity, s.score) for s in spans]
            spans = resolve(head + job.text, [*candidates, *typed])
        cut = spans
        if head:
            cut = [
                replace(s, start=max(0, s.start - len(head)), end=s.end - len(head))
                for s in spans
                if s.end > len(head)
            ]
        cut = [_named(job.text, s) if s.entity == "PERSON" else s for s in cut]
        if job.number and cut:
            cut = [replace(cut[0], start=0, end=len(job.text))]
        return acted(cut, self._action)

    def _kept(self, entity: str) -> bool:
        return self._action(entity).action == "keep"

    def _hidden(self, job: _Job, span: Span, action: EntityAction) -> Hidden:
        value = job.text[span.start : span.end]
        return hidden(span.entity, value, job.number, action, self._means)

    def _written(self, job: _Job, spans: Iterable[Span]) -> str:
        text = job.text
        pieces: list[str] = []
        at = 0
        for span in spans:
            shown = self.vault.shown(span.entity, text[span.start : span.end], job.number)
            if shown is None:
                raise PrivacyError("A value was found that the vault does not know")
            pieces += text[at : span.start], shown
            at = span.end
        return "".join((*pieces, text[at:]))

    def text(self, job: _Job) -> str:
        """The rewritten text of a job that was settled."""
        return self._settled[job]


def pseudonymise(
    text: str,
    detector: Detector,
    vault: Vault,
    policy_action: PolicyAction,
    means: Means = NONE,
) -> tuple[str, Vault]:
    """Hides every sensitive value of `text`.

    `restore` of what is returned is `text` again, but for values whose action
    hides them for good (see `Means` and the actions of the policy).

    Returns: the text, and the vault that can restore it.

    Raises:
        PrivacyError: detection failed; nothing may be sent.
        EgressBlocked: the policy blocks a value.
    """
    rewriter = _Rewriter(detector, vault, policy_action, means)
    job = _Job(text)
    rewriter.settle([job])
    return rewriter.text(job), rewriter.vault


def pseudonymise_json(
    text: str,
    detector: Detector,
    vault: Vault,
    policy_action: PolicyAction,
    means: Means = NONE,
) -> tuple[str, Vault]:
    """As `pseudonymise`, for JSON text: values are hidden, keys and structure stay.

    The key is read as a label of its value: `{"patientName": "Rose"}` is a name.
    `restore_json` gives back the same JSON value.

    Raises:
        PrivacyError: as `pseudonymise`.
        BadRequest: `text` is not a JSON object or array.
    """
    value = parsed(text)
    if value is None:
        raise BadRequest("The text is not a JSON object or array.", code="invalid_json")
    rewriter = _Rewriter(detector, vault, policy_action, means)
    rewriter.settle(_argument_jobs(text))
    return _rewrite_arguments(text, rewriter), rewriter.vault


def _named(text: str, span: Span) -> Span:
    """The name without "Ms" or "Dr", which tell little and which an answer reads better with."""
    length = address_length(text[span.start : span.end])
    return replace(span, start=span.start + length) if span.start + length < span.end else span


def _is_public(segment: Segment) -> bool:
    return segment.passage is not None and segment.passage.kind == "knowledge"


def _is_instruction(segment: Segment) -> bool:
    if segment.message is not None or segment.fact is not None:
        return False
    return segment.passage is None and segment.memory is None


def key_words(key: str) -> str:
    """A JSON key as words, so that "patientName" reads as a label does."""
    return _WORDS.sub(" ", key).strip().lower()


def parsed(arguments: str) -> Any:
    """The value of JSON text, or None where it isn't an object or array.

    Numbers stay text with a mark, so that nothing is lost by reading them.
    """
    if arguments.lstrip(_BLANK)[:1] not in ("{", "["):
        return None  # as most texts, which the parser would be slower to refuse
    try:
        value = json.loads(arguments, parse_float=_Number, parse_int=_Number)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


class _Number(str):
    """A JSON number as written."""


def leaves(value: Any, label: str = "") -> Iterable[tuple[str, str]]:
    """Every string and number of a JSON value, each with the words of its key."""
    if isinstance(value, str):
        yield label, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, key_words(str(key)))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from leaves(item, label)


def _mapped(value: Any, write: Callable[[_Job], str], label: str = "") -> Any:
    if isinstance(value, str):
        written = write(_leaf_job(label, value))
        return value if written == value else written
    if isinstance(value, Mapping):
        return {k: _mapped(v, write, key_words(str(k))) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_mapped(item, write, label) for item in value]
    return value


def _dumped(value: Any) -> str:
    """Compact JSON; numbers as they were written."""
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        inner = (f"{_dumped(k)}: {_dumped(v)}" for k, v in value.items())
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_dumped(item) for item in value) + "]"
    written = json.dumps(value, ensure_ascii=False)
    return _HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", written)


_HALF = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair, which JSON can name in an escape and UTF-8 can't hold."""


def _argument_jobs(arguments: str) -> list[_Job]:
    value = parsed(arguments)
    if value is None:
        return [_Job(arguments)]
    return [_leaf_job(label, leaf) for label, leaf in leaves(value)]


def _leaf_job(label: str, leaf: str) -> _Job:
    return _Job(str(leaf), label=label, number=isinstance(leaf, _Number))


def _rewrite_arguments(arguments: str, rewriter: _Rewriter) -> str:
    value = parsed(arguments)
    if value is None:
        return rewriter.text(_Job(arguments))
    mapped = _mapped(value, rewriter.text)
    return arguments if mapped == value else _dumped(mapped)


def _message_jobs(message: Message) -> list[_Job]:
    jobs = [_Job(message.content)]
    if message.name:
        jobs.append(_Job(message.name, label=_name_label(message)))
    for call in message.tool_calls:
        jobs += _argument_jobs(call.arguments)
    return jobs + [_Job(file.text) for file in message.attachments]


def _name_label(message: Message) -> str:
    return "" if message.role is Role.TOOL else "name"


def _tool_job(tool: Tool, text: str) -> _Job:
    """Tools of the domain are reviewed code; the client's may hold anything."""
    return _Job(text, certain=tool.call is not None)


def _tool_jobs(tool: Tool) -> list[_Job]:
    texts = [tool.description, *(text for _, text in leaves(tool.parameters))]
    return [_tool_job(tool, str(text)) for text in texts]


def _segment_jobs(segment: Segment) -> list[_Job]:
    if _is_public(segment):
        return []
    jobs = _text_jobs(segment)
    if segment.message:
        jobs += _message_jobs(segment.message)
    if segment.fact:
        jobs.append(_fact_job(segment))
    for passage in (segment.passage, segment.memory):
        if passage:
            jobs += [_Job(passage.text), _Job(passage.title)]
            jobs += [_Job(value) for value in passage.metadata.values()]
    return jobs


def _text_jobs(segment: Segment) -> list[_Job]:
    """The text of a segment, in the parts that are looked at by themselves.

    What somebody said before is looked at as they said it, apart from the core's words that lead
    to it: so the networks have seen it already, and find in it what they found then.
    """
    said = segment.memory.text if segment.memory else ""
    if said and len(said) < len(segment.text) and segment.text.endswith(said):
        return [_Job(segment.text[: -len(said)]), _Job(said)]
    return [_Job(segment.text, certain=_is_instruction(segment))]


def _fact_job(segment: Segment) -> _Job:
    assert segment.fact is not None
    return _Job(segment.fact.value, label=key_words(segment.fact.slot))


def _rewrite_message(message: Message, rewriter: _Rewriter) -> Message:
    calls = [
        replace(call, arguments=_rewrite_arguments(call.arguments, rewriter))
        for call in message.tool_calls
    ]
    name = message.name
    return replace(
        message,
        content=rewriter.text(_Job(message.content)),
        name=rewriter.text(_Job(name, label=_name_label(message))) if name else name,
        tool_calls=tuple(calls),
        attachments=tuple(
            replace(file, text=rewriter.text(_Job(file.text))) for file in message.attachments
        ),
    )


def _rewrite_segment(segment: Segment, rewriter: _Rewriter) -> Segment:
    if _is_public(segment):
        return segment
    fact = segment.fact
    if fact:
        fact = replace(fact, value=rewriter.text(_fact_job(segment)))
    return replace(
        segment,
        text="".join(map(rewriter.text, _text_jobs(segment))),
        message=_rewrite_message(segment.message, rewriter) if segment.message else None,
        fact=fact,
        passage=_rewrite_passage(segment.passage, rewriter),
        memory=_rewrite_passage(segment.memory, rewriter),
    )


def _rewrite_passage(passage: Passage | None, rewriter: _Rewriter) -> Passage | None:
    if passage is None:
        return None
    return replace(
        passage,
        text=rewriter.text(_Job(passage.text)),
        title=rewriter.text(_Job(passage.title)),
        metadata={k: rewriter.text(_Job(v)) for k, v in passage.metadata.items()},
    )


def _rewrite_tool(tool: Tool, rewriter: _Rewriter) -> Tool:
    def write(job: _Job) -> str:
        return rewriter.text(_tool_job(tool, job.text)) if job.text else job.text

    return replace(
        tool,
        description=rewriter.text(_tool_job(tool, tool.description)),
        parameters=_mapped(tool.parameters, write),
    )


def pseudonymise_plan(
    plan: Plan,
    detector: Detector,
    vault: Vault,
    policy_action: PolicyAction,
    means: Means = NONE,
) -> tuple[Plan, Vault]:
    """Hides every sensitive value in every text of a plan.

    Values are gathered from the whole plan first, so that a name introduced in
    the message is hidden in earlier segments as well. Passages of public
    knowledge stay as they are. Instructions of the core and plugins (segments
    without message, fact or passage) and tools are not searched for names, but
    known values and certain identifiers are hidden in them too; tools that a
    client brought are searched whole.

    Returns: the rewritten plan and the vault that can restore it.

    Raises:
        PrivacyError: detection failed; nothing may be sent.
        EgressBlocked: the policy blocks a value.
    """
    rewriter = _Rewriter(detector, vault, policy_action, means)
    jobs = [job for segment in plan.segments for job in _segment_jobs(segment)]
    jobs += [job for tool in plan.tools for job in _tool_jobs(tool)]
    said = [segment.message for segment in plan.segments if segment.message]
    rewriter.settle(jobs, [m.content for m in said if m.role is Role.USER])
    segments = tuple(_rewrite_segment(segment, rewriter) for segment in plan.segments)
    tools = tuple(_rewrite_tool(tool, rewriter) for tool in plan.tools)
    return Plan(segments, tools), rewriter.vault


def public_texts(plan: Plan) -> tuple[str, ...]:
    """What the guard may let pass unread: the plan's own words and public knowledge.

    Give it the plan that `pseudonymise_plan` returned, not the one before.
    """
    texts: list[str] = []
    for segment in plan.segments:
        if _is_public(segment) or _is_instruction(segment):
            texts.append(segment.text)
        if segment.passage is not None and _is_public(segment):
            texts += [segment.passage.text, segment.passage.title]
    for tool in plan.tools:
        texts += [tool.description, *(text for _, text in leaves(tool.parameters))]
        if tool.call is not None:  # what a client named, it may have named after somebody
            texts += [tool.name, *_keys(tool.parameters)]
    return tuple(dict.fromkeys(text for text in texts if text.strip()))


def _keys(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _keys(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _keys(item)
