"""Two loads of one contract at the same time: one writes, the other finds nothing to do."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.db import connection

from plans.actions import load_contract
from plans.contract import read_file
from plans.models import ContractVersion, PlanVersion
from supportdesk.accounts.models import Vendor
from supportdesk.tenancy.scope import vendor_scope

DRUD = Path(__file__).parents[2] / "contracts" / "drud.yaml"
AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_two_first_loads_at_once_make_one_version() -> None:
    contract, text = read_file(DRUD)
    together = Barrier(2)
    changed: list[bool] = []
    failures: list[Exception] = []

    def load() -> None:
        try:
            together.wait(timeout=10)
            changed.append(load_contract(contract, by=None, at=AT, source_text=text).is_changed)
        except Exception as error:  # noqa: BLE001 (a thread's failure is the test's)
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=load) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert failures == []
    assert sorted(changed) == [False, True]
    with vendor_scope(Vendor.objects.get(slug="drud")):
        assert ContractVersion.objects.count() == 1
        assert PlanVersion.objects.count() == 1
