"""The whole contract between metier and its plugins, on one page.

A plugin is a module or object that implements any of these hooks under
`@metier.hookimpl` and is named by an entry point in the group `metier.plugins`:

    [project.entry-points."metier.plugins"]
    gardening = "metier_gardening:plugin"

Implementations may be `def` or `async def`, and may leave out arguments they
don't need. All values are frozen; a hook returns its contribution and changes
nothing. Order is by `tryfirst`/`trylast`, then by the manifest's
`before`/`after`, then by name. Wrappers are refused at registration.

A hook has two seconds unless `deadline` says otherwise. A failing or late hook
is recorded by plugin, hook and exception type, never with the exception's text:
`metier ask DOMAIN MESSAGE --explain` lists them. Hooks marked *fails closed* then
end the turn with a refusal; the others are skipped for the turn, except `compose`,
without which there is no answer. A hook that fails five times in a row is switched
off for a minute. Hooks are provisional until API 1 is frozen.

`docs/plugin.md` builds a domain step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, overload

import pluggy

from metier.model import (
    Command,
    Composition,
    EvaluationSuite,
    Fact,
    Feedback,
    Importer,
    Json,
    KnowledgePack,
    Manifest,
    Passage,
    PolicyFile,
    Recommendation,
    Route,
    Segment,
    Strategy,
    Tool,
    Turn,
    Verdict,
    View,
)

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer

PROJECT = "metier"
F = TypeVar("F", bound=Callable[..., Any])

_spec = pluggy.HookspecMarker(PROJECT)
_impl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, slots=True)
class HookOptions:
    """What `hookimpl` was told about one implementation."""

    blocking: bool = False
    deadline: float | None = None
    needs: str = "whole"


@overload
def hookimpl(function: F) -> F: ...


@overload
def hookimpl(
    *,
    tryfirst: bool = False,
    trylast: bool = False,
    blocking: bool = False,
    deadline: float | None = None,
    needs: str = "whole",
) -> Callable[[F], F]: ...


def hookimpl(
    function: F | None = None,
    *,
    tryfirst: bool = False,
    trylast: bool = False,
    blocking: bool = False,
    deadline: float | None = None,
    needs: str = "whole",
) -> Any:
    """Marks a function or method as the implementation of the hook of its name.

    Args:
        function: given when used without parentheses.
        tryfirst, trylast: call it before or after the others.
        blocking: it blocks (files, sockets, long computation), so it runs in a thread.
            A plain `def` without it holds up every turn, and can't be interrupted. The thread is
            the hook's own; `asyncio.to_thread` shares few with searching and guarding, and
            waiting for one of those is the hook's time.
        deadline: seconds it may take; 2 where None.
        needs: for `check_output`, the least text it judges: "sentence" or "whole".

    Example:
        >>> @hookimpl(deadline=0.5)
        ... async def rewrite_query(turn):
        ...     return [turn.message.lower()]
        >>> rewrite_query.__metier_options__.deadline
        0.5
    """

    def mark(target: F) -> F:
        marked = _impl(target, tryfirst=tryfirst, trylast=trylast)
        marked.__metier_options__ = HookOptions(blocking, deadline, needs)  # type: ignore[attr-defined]
        return marked

    return mark if function is None else mark(function)


# --- what a plugin is ----------------------------------------------------------


@_spec
def domain() -> Manifest:  # type: ignore[empty-body]
    """Says what this plugin is. Every plugin implements it; called once, at load.

    What it does not declare it does not get: facts of the categories in `reads`,
    learning into those in `writes`, and checked answers with `review`.

    Example:
        >>> Manifest(name="gardening", title="Gardening", description="Helps plants live.")
        Manifest(name='gardening', ...)
    """


# --- the turn, in order ----------------------------------------------------------


@_spec
def check_input(turn: Turn) -> Verdict | None:
    """Judges the message as typed, before anything is learned. *Fails closed.*

    Returns: None or an allow verdict to go on; refuse or escalate to answer
    with `verdict.message` instead of running the turn.

    Example:
        >>> from metier.model import Decision
        >>> def check_input(turn):
        ...     if "poison ivy rash" in turn.message:
        ...         return Verdict(Decision.ESCALATE, "plant.rash", "Please see a doctor.")
    """


@_spec
def extract_profile(turn: Turn) -> Sequence[Fact]:  # type: ignore[empty-body]
    """Finds facts in the new user message. Never sees documents or answers.

    Facts of categories that the manifest doesn't write, or that a policy keeps
    from this domain, are left out; of the first kind `PurposeRefused` is recorded. `metier ask
    --explain` shows what was learned.

    Example:
        >>> from metier.model import Provenance
        >>> def extract_profile(turn):
        ...     if "my balcony faces north" in turn.message:
        ...         where = Provenance("turn", "gardening:light", turn.id)
        ...         return [Fact("light", "north", "preference", 0.9, where)]
        ...     return []
    """


@_spec
def rewrite_query(turn: Turn) -> Sequence[str]:  # type: ignore[empty-body]
    """Adds search queries to the message itself.

    A single word is little to search by: the title of the article it belongs to
    helps (`metier.topics`).

    Example:
        >>> def rewrite_query(turn):
        ...     return [f"{turn.message} {turn.value('light')} light"]
    """


@_spec
def retrieve(turn: Turn, queries: Sequence[str]) -> Sequence[Passage]:  # type: ignore[empty-body]
    """Brings passages for the queries, besides those of the shared index.

    Example:
        >>> def retrieve(turn, queries):
        ...     return [Passage("frost", "Frost dates: ...", "Frost", "Met Office")]
    """


@_spec
def rank(turn: Turn, passages: Sequence[Passage]) -> Mapping[str, float]:  # type: ignore[empty-body]
    """Adjusts the scores of passages: id -> a number added to the score, -1 to 1.

    Example:
        >>> def rank(turn, passages):
        ...     return {p.id: 0.2 for p in passages if turn.value("light") in p.text}
    """


@_spec
def strategies() -> Sequence[Strategy]:  # type: ignore[empty-body]
    """Ways of answering to choose from; the best-scoring one is used.

    Example:
        >>> def strategies():
        ...     return [Strategy("brief", "Answer in two sentences.", lambda turn: 0.5)]
    """


@_spec
def assemble_prompt(turn: Turn) -> Sequence[Segment]:  # type: ignore[empty-body]
    """Adds segments to the plan. The core adds facts, passages, history and message.

    Example:
        >>> from metier.model import Volatility
        >>> def assemble_prompt(turn):
        ...     return [Segment("You help gardeners.", "gardening", Volatility.DOMAIN)]
    """


@_spec
def tools(turn: Turn) -> Sequence[Tool]:  # type: ignore[empty-body]
    """Offers tools to the engine for this turn.

    A tool gets values, not pseudonyms, and has 15 seconds. One with `confirm` is
    not run when it is called: its result is `{"confirmation_required": true,
    "question": ...}`, and it runs when it is called again, with the same arguments,
    in the turn in which the person says yes. `describe` puts the call into words
    for the question; make it here, where `turn.language` is known. Without it the
    person is asked about `description` and the arguments. Names are 1 to 64 letters
    of a to z, digits, `_` and `-`.

    Example:
        >>> async def order_seeds(arguments, turn):
        ...     return {"ordered": arguments["name"]}
        >>> def tools(turn):
        ...     schema = {"type": "object", "properties": {"name": {"type": "string"}}}
        ...     word = "订购" if turn.language == "zh" else "order "
        ...     return [Tool("order_seeds", "Orders seeds", schema, order_seeds, confirm=True,
        ...                  describe=lambda arguments: f"{word}{arguments['name']}")]
    """


@_spec
def compose(turn: Turn) -> Composition | None:
    """Writes the answer for the grounded engine, without a model. First answer wins.

    The turn is pseudonymised; pseudonyms it repeats are restored afterwards.
    Return None to abstain. Cite `turn.passages` as "[1]"; a citation of a
    passage that is not there is taken out of the answer.

    Where it returns a tool call, it is asked again with the result, as JSON, in
    the last of `turn.tool_results`: what the tool returned, a question that needs
    a yes, or `{"error": ...}`. After the yes, `turn.confirmed` is the call to make
    again.

    Example:
        >>> import json
        >>> def compose(turn):
        ...     if turn.tool_results:
        ...         result = json.loads(turn.tool_results[-1].content)
        ...         return Composition(result.get("question", "Done."))
        ...     if turn.confirmed:
        ...         return Composition(tool_calls=(turn.confirmed,))
        ...     if turn.passages:
        ...         return Composition(f"{turn.passages[0].text} [1]")
    """


@_spec
def check_output(turn: Turn, answer: str) -> Verdict | None:
    """Judges the answer, whole or sentence by sentence as `needs` says. *Fails closed.*

    With `Manifest.review` at "pass", the default, the answer is already out when it
    is judged, and a verdict adds a correction. Where the person must not see what is
    not fit, declare "sentence" (and `needs="sentence"` here) or "whole". What a verdict
    puts in its place is judged again, three times at most; then the answer is refused.

    Args:
        answer: a sentence or the whole answer, with values, not pseudonyms.

    Example:
        >>> from metier.model import Decision
        >>> def check_output(turn, answer):
        ...     if "pesticide" in answer and turn.value("organic"):
        ...         return Verdict(Decision.REVISE, "organic", answer.replace("pesticide", "soap"))
    """


@_spec
def remember(turn: Turn, answer: str) -> Mapping[str, Json] | None:
    """Returns the plugin's new state for this subject, or None to leave it as it is.

    The state is a mapping of JSON values, sealed with the subject's key; the next
    turn has it as `turn.state`.

    Example:
        >>> def remember(turn, answer):
        ...     return {**turn.state, "turns": turn.state.get("turns", 0) + 1}
    """


# --- around the turn -------------------------------------------------------------


@_spec
def recommend(turn: Turn) -> Sequence[Recommendation]:  # type: ignore[empty-body]
    """Suggests what to do next, from facts and state. The message may be empty.

    Example:
        >>> def recommend(turn):
        ...     return [Recommendation("prune", "Prune roses", "It is February.", 0.7)]
    """


@_spec
def on_feedback(turn: Turn, feedback: Feedback) -> Mapping[str, Json] | None:
    """Learns from a judgement; returns the plugin's new state or None.

    Example:
        >>> def on_feedback(turn, feedback):
        ...     return {**turn.state, "liked": turn.state.get("liked", 0) + (feedback.rating > 0)}
    """


# --- contributions, read once at load ----------------------------------------------


@_spec
def views() -> Sequence[View]:  # type: ignore[empty-body]
    """Pages about one subject, for `metier profile show --view NAME`.

    Example:
        >>> def views():
        ...     return [View("garden", "Garden", lambda turn: f"Light: {turn.value('light')}")]
    """


@_spec
def importers() -> Sequence[Importer]:  # type: ignore[empty-body]
    """File formats `metier ingest` can read.

    Example:
        >>> from metier.model import Document
        >>> def importers():
        ...     def read(data, name):
        ...         return [Document(name, data.decode(), name, "seed list")]
        ...     return [Importer("seeds", (".seeds",), read)]
    """


@_spec
def evaluation_suites() -> Sequence[EvaluationSuite]:  # type: ignore[empty-body]
    """Suites for `metier eval NAME`.

    Example:
        >>> from metier.model import Mark
        >>> def evaluation_suites():
        ...     async def run(ask, data):
        ...         answers = await ask("gardening", ["When do I prune roses?"])
        ...         return 1, {"cited": Mark(float(bool(answers[0].citations)))}
        ...     return [EvaluationSuite("gardening", "Cited answers.", run)]
    """


@_spec
def recognizers() -> Sequence[EntityRecognizer]:  # type: ignore[empty-body]
    """Presidio recognizers for what is sensitive in this trade. *Fails closed.*

    `metier.privacy` has two for declaring: `DeclaredPattern` for a shape and
    `DictionaryRecognizer` for a list. Begin and end no pattern with `\\b`: Han
    characters count as letters, so it does not hold between 地块 and PLOT-1234.

    Example:
        >>> def recognizers():
        ...     from metier.privacy import DeclaredPattern
        ...     return [DeclaredPattern("GARDEN_PLOT", "PLOT-[0-9]{4}", name="plots")]
    """


@_spec
def policies() -> Sequence[PolicyFile]:  # type: ignore[empty-body]
    """Policy files that belong to this plugin. *Fails closed.*

    Example:
        >>> from pathlib import Path
        >>> def policies():
        ...     return [PolicyFile("gardening", Path(__file__).parent / "policy.yaml")]
    """


@_spec
def knowledge_packs() -> Sequence[KnowledgePack]:  # type: ignore[empty-body]
    """Folders of articles, indexed for this domain by `metier setup`; again after changes.

    Articles are public: they are not searched for personal data.

    Example:
        >>> from pathlib import Path
        >>> def knowledge_packs():
        ...     return [KnowledgePack("basics", Path(__file__).parent / "knowledge")]
    """


@_spec
def commands() -> Sequence[Command]:  # type: ignore[empty-body]
    """CLI commands of the plugin.

    Example:
        >>> def commands():
        ...     return [Command("frost", "Prints frost dates.", lambda arguments: 0)]
    """


@_spec
def routes() -> Sequence[Route]:  # type: ignore[empty-body]
    """HTTP routes of the plugin, below /v1/plugins/PLUGIN/.

    Example:
        >>> async def frost(turn, body):
        ...     return {"frost": "15 May"}
        >>> def routes():
        ...     return [Route("frost", frost)]
    """


FAILS_CLOSED = frozenset({"check_input", "check_output", "recognizers", "policies"})
"""Hooks whose failure ends the turn (or the start) instead of being skipped."""
