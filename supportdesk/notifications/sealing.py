"""Secrets of integrations, encrypted at rest.

A token (Fernet: AES-128-CBC with HMAC-SHA256) can be opened by every key of the settings and is made with the first, so
a key is replaced by putting the new one in front, running ``manage.py reseal``, and taking the old one away.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):  # noqa: N818 - said of the secret
    """No key of the settings opens it: it was sealed under a key that is gone."""


def seal(secrets: Mapping[str, str]) -> str:
    """The text to store; empty for no secrets."""
    if not secrets:
        return ""
    return _keys().encrypt(json.dumps(dict(secrets), sort_keys=True).encode()).decode()


def unseal(sealed: str) -> dict[str, str]:
    """What was sealed. Raises Unreadable."""
    if not sealed:
        return {}
    try:
        opened: dict[str, str] = json.loads(_keys().decrypt(sealed.encode()))
    except InvalidToken:
        raise Unreadable(
            "Its secrets were encrypted with a key that is no longer in INTEGRATION_KEYS: enter them anew."
        ) from None
    return opened


def reseal(sealed: str) -> str:
    """The same secrets under the first key. Raises Unreadable."""
    return seal(unseal(sealed))


def _keys() -> MultiFernet:
    return _ring(tuple(settings.INTEGRATION_KEYS), settings.SECRET_KEY)


@lru_cache(maxsize=4)
def _ring(keys: tuple[str, ...], secret_key: str) -> MultiFernet:
    """The named keys; without any, one derived from SECRET_KEY."""
    if keys:
        return MultiFernet([Fernet(key) for key in keys])
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"supportdesk integrations").derive(
        secret_key.encode()
    )
    return MultiFernet([Fernet(urlsafe_b64encode(derived))])
