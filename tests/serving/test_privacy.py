"""Names that nobody can trace without the key, and that stay the same with it."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import UsageError
from serving.privacy import KEY, PrivacyConfig, hashed

SECRET = "a key of more than sixteen bytes"


def test_ids_stay_as_they_are_unless_asked() -> None:
    assert PrivacyConfig().naming()("=cmd|'a'!A0") == "=cmd|'a'!A0"


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(KEY, SECRET)
    return SECRET


@pytest.mark.usefixtures("key")
def test_a_file_and_the_environment_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SECRET + "\n")
    of_file = PrivacyConfig(ids="hashed", key_file=str(tmp_path / "key")).naming()
    assert of_file("12748") == PrivacyConfig(ids="hashed").naming()("12748")


@given(st.text(), st.text())
def test_equal_names_are_equal_ids(one: str, other: str) -> None:
    key = SECRET.encode()
    assert (hashed(one, key) == hashed(other, key)) == (one == other)


@given(st.text(min_size=6))
def test_a_name_is_hex_digits_whatever_the_id(customer: str) -> None:
    name = hashed(customer, SECRET.encode())
    assert len(name) == 20
    assert set(name) <= set("0123456789abcdef")


def test_another_key_makes_other_names_and_no_key_none() -> None:
    assert hashed("1", b"k" * 16) != hashed("1", b"K" * 16)
    assert hashed("1", b"k" * 16) != hashlib.sha256(b"1").hexdigest()[:20]


def test_hmac_as_published() -> None:
    """Test case 2 of RFC 4231."""
    assert hashed("what do ya want for nothing?", b"Jefe") == "5bdcc146bf60754e6a04"


@pytest.mark.parametrize("given_key", ["", "short"])
def test_a_missing_or_short_key_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch, given_key: str) -> None:
    monkeypatch.setenv(KEY, given_key)
    with pytest.raises(UsageError, match="at least 16 bytes") as error:
        PrivacyConfig(ids="hashed").naming()
    assert "short" not in str(error.value).replace("missing or short", "")


def test_a_key_file_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        PrivacyConfig(ids="hashed", key_file="no/such/file").naming()
