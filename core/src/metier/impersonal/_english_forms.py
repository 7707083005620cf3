"""Clauses that say who somebody is by their form, whatever the name or the place."""

# ruff: noqa: E501  (patterns)

from __future__ import annotations

import re

ORIGIN = re.compile(
    r"\b(?:(?:come|comes|came|hail|hails|moved|am|is|are|was|were|'m|’m|emigrated|immigrated|fled"
    r"|arrived|flew)(?: (?:here|over|back|originally|to [A-Z]\w+))*(?: originally)? from"
    r"|(?:was|were|am|is) (?:born|raised|born and raised|brought up) in|grew up in)"
    r" (?:the )?(?P<place>[A-Z][\w'’.-]*(?:,? (?:of |and |the )?[A-Z][\w'’.-]*){0,4})"
    r"(?P<when>(?: (?:in \d{4}|last \w+|(?:\w+ ){1,2}ago|recently|originally|too|as well))?)"
    r"(?=\s*(?:[.,;:!?)\n]|$|(?:and|but|so|where|who|because)\b))"
)
CAME = re.compile(
    r"\b(?i:I|we|he|she|they) (?:have |had )?(?:came|come|arrived|got)(?: here| in| over| today| along)*"
    r" (?:with (?:my|our|his|her|their)|by|on) (?!own\b)[\w'-]+(?: [\w'-]+){0,2}"
    r"(?=\s*(?:[.;!?)\n]|$))"
)
CALLED = re.compile(
    r"\b(?i:my|his|her|their) (?:(?:full|first|last|given|real|own) )?name(?:['’]s| is| was)"
    r" (?P<name>[^\s,.;:!?()]+(?: [^\s,.;:!?()a-z][^\s,.;:!?()]*){0,4})"
    r"|\b(?i:(?:(?:please|you can|you may|just|people|friends|everyone|they) )*calls? me)"
    r" (?P<called>[^\W\da-z][^\s,.;:!?()]*(?: [^\W\da-z][^\s,.;:!?()]*){0,4})"
    r"(?=\s*(?:[.,;:!?)\n]|$|(?:and|but|so)\b))"
    r"|\b(?i:this is|it['’]s) (?P<this>[^\W\da-z][^\W\d_]*(?:[- ][^\W\da-z][^\W\d_]*){0,4})"
    r"(?: (?:here|speaking|writing))?(?=\s*(?:[.,;:!?)\n]|$|(?:and|from)\b))"
    r"|\b(?:I['’]m|I am|(?i:im)) (?P<am>[^\W\da-z][^\W\d_A-Z]+(?:[-' ][^\W\da-z][^\W\d_]*){0,4})"
    r"(?=\s*(?:[.,;:!?)\n]|$|(?:and|but|so|from|here)\b))",
    re.MULTILINE,
)  # fmt: skip
SUDDEN = re.compile(
    r"\b(?:sudden\w*|overnight|since|this morning|yesterday|tonight|minutes? ago|hours? ago|days? ago"
    r"|became|becoming|went|going|turned|lost|losing|getting|temporar\w+)\b",
    re.I,
)
"""Who can't see since this morning says what is the matter, not who they are."""
