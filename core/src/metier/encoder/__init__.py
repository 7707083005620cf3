"""Text to vectors and to words, and the language of a text.

Importing this room loads no heavy library; numpy, onnx and fastembed come in
when a model is built or first used.
"""

from metier.encoder._build import build_model
from metier.encoder._encoder import Encoder, Measured, ModelBroken
from metier.encoder._files import ModelMissing, is_built, verify
from metier.encoder._language import detect_language, han_share
from metier.encoder._simplified import simplified, traditional
from metier.encoder._terms import Terms, Word

__all__ = [
    "Encoder",
    "Measured",
    "ModelBroken",
    "ModelMissing",
    "Terms",
    "Word",
    "build_model",
    "detect_language",
    "han_share",
    "is_built",
    "simplified",
    "traditional",
    "verify",
]
