from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from supportdesk.notifications.sealing import Unreadable, reseal, seal, unseal

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_what_is_sealed_does_not_show(settings: Settings) -> None:
    sealed = seal({"token": "s3cret"})
    assert "s3cret" not in sealed
    assert unseal(sealed) == {"token": "s3cret"}
    assert seal({}) == ""
    assert unseal("") == {}


def test_a_key_is_replaced_in_three_steps(settings: Settings) -> None:
    settings.INTEGRATION_KEYS = [OLD]
    sealed = seal({"token": "s3cret"})
    settings.INTEGRATION_KEYS = [NEW, OLD]
    assert unseal(sealed) == {"token": "s3cret"}
    renewed = reseal(sealed)
    settings.INTEGRATION_KEYS = [NEW]
    assert unseal(renewed) == {"token": "s3cret"}
    with pytest.raises(Unreadable, match="enter them anew"):
        unseal(sealed)


def test_without_keys_of_its_own_it_is_derived_from_the_secret_key(settings: Settings) -> None:
    settings.INTEGRATION_KEYS = []
    sealed = seal({"token": "s3cret"})
    settings.SECRET_KEY = "another"
    with pytest.raises(Unreadable):
        unseal(sealed)
