"""What only the person can settle: two statements of which one is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from metier.model import Fact

Reason = Literal["settings", "stable", "opposed", "safety", "excludes"]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two statements that can't both be true, and that only the person can settle.

    Until then the old one holds. The new one is kept beside it, with a
    confidence of `UNSURE` at most; a retraction is not kept (there is nothing
    to keep), and a new constraint of health holds too, since that is safer.

    Args:
        id: the same for the same two facts, whenever they are merged.
        old: the id of the fact that was known.
        new: what was said now; a fact that `retracts`, where the old one was taken back.
        reason: "settings" (the old one was set by the person), "stable" (a slot that
            doesn't change, such as a birthday), "opposed" (likes and dislikes the same),
            "safety" (a constraint of health was denied without a word of change),
            "excludes" (the two can't both be true, as `excludes` tells).
    """

    id: str
    slot: str
    old: str
    new: Fact
    reason: Reason
    was: str

    def question(self, language: str) -> str:
        """The question to the person, in "en" or "zh"."""
        slot, chinese = self.slot.replace("_", " "), language == "zh"
        if self.new.retracts or self.reason == "opposed":
            return (
                f"你之前说过“{self.was}”（{slot}），刚才的话与此不同。现在是怎样的？"
                if chinese
                else f'Earlier I noted "{self.was}" ({slot}); what you just said differs. '
                "Does it still hold?"
            )
        new = f"{self.new.about}: {self.new.value}" if self.new.about else self.new.value
        if self.new.slot == self.slot and self.reason != "excludes":
            return (
                f"关于 {slot}：之前记下的是“{self.was}”，刚才听到的是“{new}”。哪个是对的？"
                if chinese
                else f'For {slot} I had "{self.was}", and now I hear "{new}". Which one is right?'
            )
        return (
            f"之前记下的是“{self.was}”，刚才听到的是“{new}”，两者似乎不能同时成立。哪个是对的？"
            if chinese
            else f'Earlier I noted "{self.was}", and now I hear "{new}"; both can\'t be so. '
            "Which one is right?"
        )
