"""What a person may ask of their data: to see it, to have it corrected, erased or left alone.

Each function is one right (Regulation (EU) 2016/679, articles 7 and 15 to 21; PIPL,
articles 15 and 44 to 47). All are authorised by the policies in force and audited.
"""

from metier.rights._consents import consent, consents_of, withdraw
from metier.rights._erase import (
    Certificate,
    check,
    erase,
    read_certificate,
    resume_erasures,
)
from metier.rights._export import export
from metier.rights._limits import Standing, correct, hold, release, restrict, standing
from metier.rights._turn import StoredTurn, erase_turn, read_turn

__all__ = [
    "Certificate",
    "Standing",
    "StoredTurn",
    "check",
    "consent",
    "consents_of",
    "correct",
    "erase",
    "erase_turn",
    "export",
    "hold",
    "read_certificate",
    "read_turn",
    "release",
    "restrict",
    "resume_erasures",
    "standing",
    "withdraw",
]
