"""The score table: a week stands whole or not at all."""

from serving.store.address import open_store
from serving.store.protocol import Forgotten, Retention, Store, Tidied, document, table
from serving.store.receipt import Published, Receipt, Stamp

__all__ = [
    "Forgotten",
    "Published",
    "Receipt",
    "Retention",
    "Stamp",
    "Store",
    "Tidied",
    "document",
    "open_store",
    "table",
]
