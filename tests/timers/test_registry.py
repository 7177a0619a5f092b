from __future__ import annotations

import pytest

from supportdesk.timers import registry
from tests.timers.recorder import Recorder


def test_a_kind_has_one_handler(alarms: Recorder) -> None:
    registry.register("alarm", alarms)
    with pytest.raises(ValueError, match="already have a handler"):
        registry.register("alarm", Recorder())
