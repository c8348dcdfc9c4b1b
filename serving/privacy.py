"""Names of customers in what is passed around: their ids, or keyed hashes of them."""

import hashlib
import hmac
import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from features.config import Strict
from features.errors import UsageError

KEY = "STAGECAST_ID_KEY"
"""Environment variable that holds the key, where no file does."""

SHORTEST = 16
"""Bytes a key has at least: ids are few and guessable, so a short one is found by trying."""

_DIGITS = 20  # 80 bits: of ten million customers no two share a name


class PrivacyConfig(Strict):
    """How customers are called in reports and in all that goes to MLflow; score tables hold their ids.

    Attributes:
        ids: as they are, or hashed with a key.
        key_file: file with the key; by default the environment variable STAGECAST_ID_KEY holds it.
    """

    ids: Literal["plain", "hashed"] = "plain"
    key_file: str | None = None

    def naming(self) -> Callable[[str], str]:
        """The function from a customer's id to the name that is shown.

        Raises:
            UsageError: ids are to be hashed and there is no key, or a short one.
        """
        if self.ids == "plain":
            return str
        key = self._key()
        return lambda customer: hashed(customer, key)

    def _key(self) -> bytes:
        key = _read(Path(self.key_file)) if self.key_file else os.environ.get(KEY, "").encode()
        if len(key) < SHORTEST:
            raise UsageError(
                "ids are to be hashed, and the key for it is missing or short",
                got=f"{len(key)} bytes in {self.key_file or KEY}",  # never the key itself
                allowed=f"at least {SHORTEST} bytes",
                remedy=f"make one, as in: openssl rand -hex 32; keep it in {KEY}, or in the file that"
                " serving.privacy.key_file names",
            )
        return key


def hashed(customer: str, key: bytes) -> str:
    """HMAC-SHA-256 (RFC 2104) of an id, 80 bits of it as hex digits.

    Without the key nobody can find out by trying whose name it is; with the
    same key a customer keeps the name from week to week.
    """
    return hmac.new(key, customer.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:_DIGITS]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes().strip()
    except OSError as error:
        raise UsageError(
            "the key for hashed ids cannot be read",
            got=f"{path}: {error.strerror}",
            remedy="check serving.privacy.key_file",
        ) from None
