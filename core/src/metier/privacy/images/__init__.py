"""Pictures: read by a text recogniser, painted over where something sensitive stands, cleaned.

    reader = find_reader()
    redacted = redact(data, reader, detector, known, policy_action)

The way of a picture, file by file:

1. `_picture`: the bytes are decoded within limits, turned upright, flattened and made smaller;
   nothing but the pixels is kept.
2. `_ocr`: tesseract reads it several times, each time prepared in another way.
3. `_layout`: the words it found become texts, in its order and in rows as a reader sees them.
4. `_redact`: the detector goes over these texts with the values that are known already; the
   boxes of what it finds are filled. The result is read again before it may leave.

Whatever can't be decoded, read or checked raises, and nothing is sent.
"""

from metier.privacy.images._ocr import Reader, find_reader
from metier.privacy.images._picture import FORMATS, MAX_BYTES, MAX_PIXELS, MAX_SIDE
from metier.privacy.images._redact import Redacted, redact

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "MAX_PIXELS",
    "MAX_SIDE",
    "Reader",
    "Redacted",
    "find_reader",
    "redact",
]
