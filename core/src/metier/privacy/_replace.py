"""Values to pseudonyms: in one text, and in every text of a plan."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from metier.model import EgressBlocked, EntityAction, Message, Plan, Role, Segment, Span, Tool
from metier.privacy._detector import Detector
from metier.privacy._vault import PrivacyError, Vault, entity_label

PolicyAction = Callable[[str], EntityAction]
"""What happens to an entity type, for the target the text is going to."""

_SETTLE = 8
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|[_\-]+")


def acted(spans: Iterable[Span], policy_action: PolicyAction) -> tuple[tuple[Span, str], ...]:
    """The spans that may not go out as they are, each with its action.

    Raises:
        EgressBlocked: the policy blocks one of them.
    """
    result = []
    for span in spans:
        if span.entity == "PLACEHOLDER":
            # Not personal, but it would be taken for a pseudonym on the way back.
            result.append((span, "pseudonymise"))
            continue
        verdict = policy_action(span.entity)
        if verdict.action == "block":
            raise EgressBlocked(f"The policy ({verdict.rule}) blocks {span.entity}; leave it out")
        if verdict.action in ("pseudonymise", "redact"):
            result.append((span, verdict.action))
        elif verdict.action != "keep":
            raise PrivacyError(f"The policy ({verdict.rule}) names an unknown action")
    return tuple(result)


@dataclass(frozen=True, slots=True)
class _Job:
    """One text to rewrite. `label` is what a reader sees before it, such as a JSON key."""

    text: str
    certain: bool = False
    label: str = ""


class _Rewriter:
    """Rewrites many texts with one vault, so that a name found in one is hidden in all."""

    def __init__(self, detector: Detector, vault: Vault, policy_action: PolicyAction) -> None:
        self._detector = detector
        self._action = policy_action
        self.vault = vault
        self._settled: dict[_Job, str] = {}

    def settle(self, jobs: Sequence[_Job]) -> None:
        """Finds the values of all jobs, then rewrites each.

        Raises:
            PrivacyError: detection failed or did not come to an end.
            EgressBlocked: the policy blocks a value.
        """
        jobs = list(dict.fromkeys(jobs))
        for _ in range(_SETTLE):
            before = self.vault
            results = {job: self._spans(job) for job in jobs}
            self.vault = before.adding(
                (span.entity, job.text[span.start : span.end])
                for job, spans in results.items()
                for span, _ in spans
            )
            if self.vault is before:
                break
        else:
            raise PrivacyError("Pseudonyms did not settle; nothing was sent")
        for job, spans in results.items():
            self._settled[job] = self._written(job.text, spans)

    def _spans(self, job: _Job) -> tuple[tuple[Span, str], ...]:
        detector = self._detector.certain if job.certain else self._detector
        head = f"{job.label}: " if job.label else ""
        spans = detector.detect(head + job.text, self.vault.known)
        cut = [
            replace(s, start=max(0, s.start - len(head)), end=s.end - len(head))
            for s in spans
            if s.end > len(head)
        ]
        return acted(cut, self._action)

    def _written(self, text: str, spans: Iterable[tuple[Span, str]]) -> str:
        pieces: list[str] = []
        at = 0
        for span, action in spans:
            value = text[span.start : span.end]
            pseudonym = self.vault.pseudonym(span.entity, value)
            if pseudonym is None:
                raise PrivacyError("A value was found that the vault does not know")
            hidden = pseudonym if action == "pseudonymise" else f"[{entity_label(span.entity)}]"
            pieces += text[at : span.start], hidden
            at = span.end
        return "".join((*pieces, text[at:]))

    def text(self, job: _Job) -> str:
        """The rewritten text of a job that was settled."""
        return self._settled[job]


def pseudonymise(
    text: str, detector: Detector, vault: Vault, policy_action: PolicyAction
) -> tuple[str, Vault]:
    """Hides every sensitive value of `text`.

    Returns: the text, and the vault that can restore it.

    Raises:
        PrivacyError: detection failed; nothing may be sent.
        EgressBlocked: the policy blocks a value.
    """
    rewriter = _Rewriter(detector, vault, policy_action)
    job = _Job(text)
    rewriter.settle([job])
    return rewriter.text(job), rewriter.vault


def _is_public(segment: Segment) -> bool:
    return segment.passage is not None and segment.passage.kind == "knowledge"


def _is_instruction(segment: Segment) -> bool:
    return segment.message is None and segment.fact is None and segment.passage is None


def key_words(key: str) -> str:
    """A JSON key as words, so that "patientName" reads as a label does."""
    return _WORDS.sub(" ", key).strip().lower()


def parsed(arguments: str) -> Any:
    """The value of JSON text, or None where it isn't an object or array.

    Numbers stay text with a mark, so that nothing is lost by reading them.
    """
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
        yield label, str(value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, key_words(str(key)))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from leaves(item, label)


def _mapped(value: Any, write: Callable[[str, str], str], label: str = "") -> Any:
    if isinstance(value, _Number):
        written = write(label, str(value))
        return value if written == value else written
    if isinstance(value, str):
        return write(label, value)
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
        inner = (f"{json.dumps(k, ensure_ascii=False)}: {_dumped(v)}" for k, v in value.items())
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_dumped(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _argument_jobs(arguments: str) -> list[_Job]:
    value = parsed(arguments)
    if value is None:
        return [_Job(arguments)]
    return [_Job(text, label=label) for label, text in leaves(value)]


def _message_jobs(message: Message) -> list[_Job]:
    jobs = [_Job(message.content)]
    if message.name:
        jobs.append(_Job(message.name, label=_name_label(message)))
    for call in message.tool_calls:
        jobs += _argument_jobs(call.arguments)
    return jobs


def _name_label(message: Message) -> str:
    return "" if message.role is Role.TOOL else "name"


def _tool_jobs(tool: Tool) -> list[_Job]:
    texts = [tool.description, *(text for _, text in leaves(tool.parameters))]
    return [_Job(text, certain=True) for text in texts]


def _segment_jobs(segment: Segment) -> list[_Job]:
    if _is_public(segment):
        return []
    jobs = [_Job(segment.text, certain=_is_instruction(segment))]
    if segment.message:
        jobs += _message_jobs(segment.message)
    if segment.fact:
        jobs.append(_fact_job(segment))
    if segment.passage:
        jobs += [_Job(segment.passage.text), _Job(segment.passage.title)]
        jobs += [_Job(value) for value in segment.passage.metadata.values()]
    return jobs


def _fact_job(segment: Segment) -> _Job:
    assert segment.fact is not None
    return _Job(segment.fact.value, label=key_words(segment.fact.slot))


def _rewrite_message(message: Message, rewriter: _Rewriter) -> Message:
    def write(label: str, text: str) -> str:
        return rewriter.text(_Job(text, label=label))

    calls = []
    for call in message.tool_calls:
        value = parsed(call.arguments)
        if value is None:
            arguments = rewriter.text(_Job(call.arguments))
        else:
            mapped = _mapped(value, write)
            arguments = call.arguments if mapped == value else _dumped(mapped)
        calls.append(replace(call, arguments=arguments))
    name = message.name
    return replace(
        message,
        content=rewriter.text(_Job(message.content)),
        name=rewriter.text(_Job(name, label=_name_label(message))) if name else name,
        tool_calls=tuple(calls),
    )


def _rewrite_segment(segment: Segment, rewriter: _Rewriter) -> Segment:
    if _is_public(segment):
        return segment
    passage = segment.passage
    if passage:
        passage = replace(
            passage,
            text=rewriter.text(_Job(passage.text)),
            title=rewriter.text(_Job(passage.title)),
            metadata={k: rewriter.text(_Job(v)) for k, v in passage.metadata.items()},
        )
    fact = segment.fact
    if fact:
        fact = replace(fact, value=rewriter.text(_fact_job(segment)))
    return replace(
        segment,
        text=rewriter.text(_Job(segment.text, certain=_is_instruction(segment))),
        message=_rewrite_message(segment.message, rewriter) if segment.message else None,
        fact=fact,
        passage=passage,
    )


def _rewrite_tool(tool: Tool, rewriter: _Rewriter) -> Tool:
    def write(label: str, text: str) -> str:
        return rewriter.text(_Job(text, certain=True)) if text else text

    return replace(
        tool,
        description=rewriter.text(_Job(tool.description, certain=True)),
        parameters=_mapped(tool.parameters, write),
    )


def pseudonymise_plan(
    plan: Plan, detector: Detector, vault: Vault, policy_action: PolicyAction
) -> tuple[Plan, Vault]:
    """Hides every sensitive value in every text of a plan.

    Values are gathered from the whole plan first, so that a name introduced in
    the message is hidden in earlier segments as well. Passages of public
    knowledge stay as they are. Instructions of the core and plugins (segments
    without message, fact or passage) and tools are not searched for names, but
    known values and certain identifiers are hidden in them too.

    Returns: the rewritten plan and the vault that can restore it.

    Raises:
        PrivacyError: detection failed; nothing may be sent.
        EgressBlocked: the policy blocks a value.
    """
    rewriter = _Rewriter(detector, vault, policy_action)
    jobs = [job for segment in plan.segments for job in _segment_jobs(segment)]
    jobs += [job for tool in plan.tools for job in _tool_jobs(tool)]
    rewriter.settle(jobs)
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
        texts += [tool.name, tool.description, *(text for _, text in leaves(tool.parameters))]
        texts += _keys(tool.parameters)
    return tuple(dict.fromkeys(text for text in texts if text.strip()))


def _keys(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _keys(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _keys(item)
