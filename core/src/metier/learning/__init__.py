"""What fits answers to a person: rules, learned models and vectors behind one interface.

A `Personalizer` sees a `PersonView` and gives a `Personalization`: changes of the scores of
strategies and passages, short hints for the plan, constraints to say again; each with the
`Reason` for it. `personalize` asks those that the policy lets run and joins what they say.
`docs/personalizing.md` has the whole.

Importing this room loads no heavy library; numpy comes in where vectors are first used.
"""

from metier.learning._clauses import ClauseHeads
from metier.learning._combine import MOST_HINTS, combine, narrowed, personalize
from metier.learning._frames import MARK, frame, frame_vectors
from metier.learning._heads import SHIPPED, Head, Prediction, vectors_of, write_head
from metier.learning._links import link_frame, link_vectors
from metier.learning._near import NAME as NEAR
from metier.learning._near import leaning, near
from metier.learning._rules import CORE_RULES, RuleSet, check_rules, core_rules, load_rules
from metier.learning._schema import PROTECTED, Fault
from metier.learning._style import (
    FEWEST_TEXTS,
    HABITS,
    Style,
    StyleMirror,
    style_of,
)
from metier.learning._suits import Suits
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
    PersonVectors,
    digest_of,
    encoded_facts,
    kept_apart,
    text_of,
)

__all__ = [
    "CORE_RULES",
    "FEWEST_TEXTS",
    "HABITS",
    "MARK",
    "MOST_HINTS",
    "NEAR",
    "PROTECTED",
    "SHIPPED",
    "Cause",
    "Change",
    "ClauseHeads",
    "Fault",
    "Head",
    "Hint",
    "Outcome",
    "PersonVectors",
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
    "combine",
    "core_rules",
    "digest_of",
    "encoded_facts",
    "frame",
    "frame_vectors",
    "kept_apart",
    "leaning",
    "link_frame",
    "link_vectors",
    "load_rules",
    "narrowed",
    "near",
    "personalize",
    "style_of",
    "tags_of",
    "text_of",
    "vectors_of",
    "write_head",
]
