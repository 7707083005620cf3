"""Knowledge: documents in, passages with their source out.

Importing this room loads no heavy library; Qdrant, jieba, pypdf and Beautiful
Soup come in when first used.
"""

from metier.knowledge._importers import default_importers
from metier.knowledge._index import Index, IndexedDocument
from metier.knowledge._lock import IndexBusy, OwnerLock
from metier.knowledge._packs import PackRegister, read_pack
from metier.knowledge._read import Read, read_file, read_paths
from metier.knowledge._server import IndexAway, QdrantServer
from metier.knowledge._settings import IndexSettings

__all__ = [
    "Index",
    "IndexAway",
    "IndexBusy",
    "IndexSettings",
    "IndexedDocument",
    "OwnerLock",
    "PackRegister",
    "QdrantServer",
    "Read",
    "default_importers",
    "read_file",
    "read_pack",
    "read_paths",
]
