"""What is known of a subject: extraction rules, merging, and the wire form of facts."""

from metier.profile._facts import Merge, decode_fact, encode_fact, merge
from metier.profile._rules import extract

__all__ = ["Merge", "decode_fact", "encode_fact", "extract", "merge"]
