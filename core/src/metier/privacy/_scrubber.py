"""The privacy layer by itself, for callers that run no turn: gateways, scripts, LangChain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property

from metier.model import EntityAction, Message, Plan, Segment, Volatility
from metier.privacy._actions import NONE, Means
from metier.privacy._detector import Detector
from metier.privacy._documents import Format, fields_of, lines_of, read_batches, write_batch
from metier.privacy._fields import Decision, Field, decisions, hide_fields, restore_fields
from metier.privacy._guard import guard
from metier.privacy._replace import (
    PolicyAction,
    pseudonymise,
    pseudonymise_json,
    pseudonymise_plan,
)
from metier.privacy._restore import StreamRestorer, restore, restore_json
from metier.privacy._vault import Vault


def hide_everything(entity: str) -> EntityAction:
    """The policy where none is given: dates and countries stay, secrets are redacted."""
    chosen = {"COUNTRY": "keep", "DATE_TIME": "keep", "SECRET": "redact"}.get(
        entity, "pseudonymise"
    )
    return EntityAction(chosen, "built-in@1:entities")


class Scrubber:
    """Hides and restores the texts of one conversation. Not shared between people.

    Example:
        >>> scrubber = Scrubber()
        >>> hidden = scrubber.hide("I am Anna Smith.")
        >>> "Anna" in hidden, scrubber.restore(hidden)
        (False, 'I am Anna Smith.')

    Args:
        detector: what finds sensitive values; the core's recognizers where None.
        policy_action: what happens to each entity type.
        means: what some actions need.
        vault: what is known already.
    """

    def __init__(
        self,
        detector: Detector | None = None,
        policy_action: PolicyAction = hide_everything,
        means: Means = NONE,
        vault: Vault | None = None,
    ) -> None:
        self._detector = detector
        self.policy_action = policy_action
        self.means = means
        self.vault = vault or Vault.new()

    @cached_property
    def detector(self) -> Detector:
        """What finds sensitive values; restoring needs none."""
        return self._detector or Detector()

    def hide(self, text: str) -> str:
        """`text` as an outsider may see it.

        Raises:
            PrivacyError: detection failed.
            EgressBlocked: the policy blocks a value.
        """
        hidden, self.vault = pseudonymise(
            text, self.detector, self.vault, self.policy_action, self.means
        )
        return hidden

    def hide_json(self, text: str) -> str:
        """As `hide`, for a JSON object or array: values change, keys and structure stay."""
        hidden, self.vault = pseudonymise_json(
            text, self.detector, self.vault, self.policy_action, self.means
        )
        return hidden

    def hide_fields(self, fields: Sequence[Field]) -> list[Field]:
        """The fields of a document, hidden; a name found in one is hidden in all.

        Raises:
            BadRequest: a heading holds personal data.
            PrivacyError, EgressBlocked: as `hide`.
        """
        hidden, self.vault = hide_fields(
            fields, self.detector, self.vault, self.policy_action, self.means
        )
        return hidden

    def hide_document(self, text: str, form: Format) -> str:
        """As `hide`, for a text of a format: keys, columns and layout stay.

        Example:
            >>> Scrubber().hide_document("name,age\\nAnna Smith,7\\n", FORMATS["csv"])
            'name,age\\n<PERSON_K3JQ7>,7\\n'

        Raises:
            BadRequest: the text is not of this format, or a heading holds personal data.
            PrivacyError, EgressBlocked: as `hide`.
        """
        batches = list(read_batches(form, lines_of(text)))
        for batch in batches:  # so that what the end gives away is hidden at the beginning too
            self.hide_fields(fields_of(batch))
        return "".join(write_batch(b, self.hide_fields(fields_of(b))) for b in batches)

    def decisions(self, fields: Iterable[Field]) -> Counter[Decision]:
        """What the policy says of fields as they came, counted; holds no value.

        Asked after `hide_fields`, when the vault knows all their values.
        """
        return decisions(fields, self.detector, self.vault, self.policy_action)

    def hide_messages(self, messages: Sequence[Message]) -> list[Message]:
        """Messages with text, names and tool arguments hidden; a name in one hides it in all."""
        segments = tuple(
            Segment(m.content, "scrubber", Volatility.HISTORY, m.role, message=m) for m in messages
        )
        hidden = self.hide_plan(Plan(segments))
        return [s.message for s in hidden.segments if s.message is not None]

    def hide_plan(self, plan: Plan) -> Plan:
        """A plan with every value hidden in every text of it."""
        hidden, self.vault = pseudonymise_plan(
            plan, self.detector, self.vault, self.policy_action, self.means
        )
        return hidden

    def guard(self, body: bytes, allowed_texts: Iterable[str] = ()) -> None:
        """Raises `EgressBlocked` unless a JSON body is free of sensitive values."""
        guard(body, self.vault, self.detector, self.policy_action, allowed_texts)

    def restore(self, text: str, language: str = "en") -> str:
        """`text` with the values put back."""
        return restore(text, self.vault, language)

    def restore_json(self, text: str) -> str:
        """As `restore`, for JSON text."""
        return restore_json(text, self.vault)

    def restore_fields(self, fields: Iterable[Field], language: str = "en") -> list[Field]:
        """As `restore`, for the fields of a document; a number becomes one again."""
        return restore_fields(fields, self.vault, language)

    def restore_document(self, text: str, form: Format, language: str = "en") -> str:
        """As `restore`, for a text of a format.

        Raises:
            BadRequest: the text is not of this format.
        """
        batches = read_batches(form, lines_of(text))
        return "".join(write_batch(b, self.restore_fields(fields_of(b), language)) for b in batches)

    def stream(self, language: str = "en") -> StreamRestorer:
        """A restorer for one streamed answer."""
        return StreamRestorer(self.vault, language)
