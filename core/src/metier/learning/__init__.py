"""What fits answers to a person: rules, learned models and vectors behind one interface.

A `Personalizer` sees a `PersonView` and gives a `Personalization`: changes of the scores of
strategies and passages, short hints for the plan, constraints to say again; each with the
`Reason` for it. `personalize` asks those that the policy lets run and joins what they say.
`docs/personalizing.md` has the whole.

Importing this room loads no heavy library; numpy comes in where vectors are first used.
"""

from metier.learning._combine import MOST_HINTS, combine, narrowed, personalize
from metier.learning._heads import SHIPPED, Head, Prediction, vectors_of, write_head
from metier.learning._rules import CORE_RULES, RuleSet, check_rules, load_rules
from metier.learning._schema import PROTECTED, Fault
from metier.learning._style import (
    FEWEST_TEXTS,
    HABITS,
    Style,
    StyleMirror,
    merged,
    style_of,
    style_similarity,
)
from metier.learning._suits import Experience, Suits, fit_suits
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
from metier.learning._vectors import (
    Item,
    cohort_vector,
    items_of,
    lifts,
    mean_vector,
    nearest,
    pack_person,
    similarity,
    subject_vector,
    unpack_person,
)

__all__ = [
    "CORE_RULES",
    "FEWEST_TEXTS",
    "HABITS",
    "MOST_HINTS",
    "PROTECTED",
    "SHIPPED",
    "Cause",
    "Change",
    "Experience",
    "Fault",
    "Head",
    "Hint",
    "Item",
    "Outcome",
    "PersonView",
    "Personalization",
    "Personalizer",
    "Prediction",
    "Prior",
    "Reason",
    "Restated",
    "RuleSet",
    "Style",
    "StyleMirror",
    "Suits",
    "Text",
    "Withheld",
    "check_rules",
    "cohort_vector",
    "combine",
    "fit_suits",
    "items_of",
    "lifts",
    "load_rules",
    "mean_vector",
    "merged",
    "narrowed",
    "nearest",
    "pack_person",
    "personalize",
    "similarity",
    "style_of",
    "style_similarity",
    "subject_vector",
    "tags_of",
    "unpack_person",
    "vectors_of",
    "write_head",
]
