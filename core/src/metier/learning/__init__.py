"""What fits answers to a person: rules, learned models and vectors behind one interface.

A `Personalizer` sees a `PersonView` and gives a `Personalization`: changes of the scores of
strategies and passages, short hints for the plan, constraints to say again; each with the
`Reason` for it. `personalize` asks those that the policy lets run and joins what they say.
`docs/personalizing.md` has the whole.

Importing this room loads no heavy library; numpy comes in where vectors are first used.
"""

from metier.learning._combine import MOST_HINTS, combine, narrowed, personalize
from metier.learning._rules import CORE_RULES, RuleSet, check_rules, load_rules
from metier.learning._schema import PROTECTED, Fault
from metier.learning._types import (
    Cause,
    Change,
    Hint,
    Outcome,
    Personalization,
    Personalizer,
    PersonView,
    Prior,
    Reason,
    Restated,
    Text,
    Withheld,
    tags_of,
)

__all__ = [
    "CORE_RULES",
    "MOST_HINTS",
    "PROTECTED",
    "Cause",
    "Change",
    "Fault",
    "Hint",
    "Outcome",
    "PersonView",
    "Personalization",
    "Personalizer",
    "Prior",
    "Reason",
    "Restated",
    "RuleSet",
    "Text",
    "Withheld",
    "check_rules",
    "combine",
    "load_rules",
    "narrowed",
    "personalize",
    "tags_of",
]
