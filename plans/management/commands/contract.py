"""`manage.py contract`: check, load, show and compare contract files, and write the format's JSON Schema."""

from __future__ import annotations

import difflib
from argparse import ArgumentParser
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.utils import timezone

from plans.actions import load_contract
from plans.contract import Contract, ContractError, canonical, digest, read_canonical, read_file, schema, write
from plans.followers import followers
from plans.models import ContractVersion
from supportdesk.accounts.models import Vendor
from supportdesk.tenancy.scope import vendor_scope

SCHEMA_FILE = Path("docs", "contract.schema.json")
FAULTY, IMPOSSIBLE = 1, 2


class Command(BaseCommand):
    help = "Check, load, show and compare contract files. Ends with 0: well; 1: faults or differences; 2: impossible."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One word says what to do."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="check|load|show|diff|schema")
        check = verbs.add_parser("check", help="say every fault of the files; needs no database")
        check.add_argument("files", nargs="+", type=Path, metavar="FILE")
        load = verbs.add_parser("load", help="load the files; if one has a fault, load none")
        load.add_argument("files", nargs="+", type=Path, metavar="FILE")
        load.add_argument("--from", dest="effective", metavar="DATE", help="the day on which new plan versions begin")
        load.add_argument(
            "--keep-edits",
            action="store_true",
            help="leave alone what was changed on pages since this same file was loaded",
        )
        show = verbs.add_parser("show", help="print the contract in force, as YAML")
        show.add_argument("vendor", metavar="VENDOR")
        show.add_argument("--number", type=int, help="an earlier version")
        show.add_argument("--source", action="store_true", help="the file as it was loaded, comments and all")
        diff = verbs.add_parser("diff", help="what loading the file would change, line by line")
        diff.add_argument("file", type=Path, metavar="FILE")
        verbs.add_parser("schema", help=f"write the JSON Schema of the format to {SCHEMA_FILE}")

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs the verb; raises CommandError with the exit code."""
        try:
            getattr(self, f"do_{options['verb']}")(**options)
        except OperationalError as error:
            message = f"The database cannot be reached: {str(error).splitlines()[0]}"
            raise CommandError(message, returncode=IMPOSSIBLE) from None

    def do_check(self, files: list[Path], **options: Any) -> None:
        """The verb `check`."""
        for path, contract, _ in _read(files):
            plans = ", ".join(plan.slug for plan in contract.plans)
            self.stdout.write(f"{path}: good ({contract.vendor.slug}: {plans})")

    def do_load(self, files: list[Path], effective: str | None, keep_edits: bool = False, **options: Any) -> None:
        """The verb `load`."""
        contracts = _read(files, ending=": nothing was loaded.")
        at = timezone.now()
        for path, contract, text in contracts:
            if keep_edits and _is_edited_since(contract):
                self.stdout.write(f"{contract.vendor.slug}: changed on pages since, left as it is")
                continue
            try:
                loaded = load_contract(
                    contract, by=None, at=at, source_text=text, effective_from=_start(effective, contract)
                )
            except ContractError as error:
                faults = "\n".join(f"{path}: {problem}" for problem in error.problems)
                raise CommandError(f"{faults}\nNothing of this file was loaded.", returncode=FAULTY) from None
            self.stdout.write(str(loaded))
            for follow in followers:
                if loaded.is_changed and (said := follow(loaded.vendor, at)):
                    self.stdout.write(f"{loaded.vendor.slug}: {said}")

    def do_show(self, vendor: str, number: int | None, source: bool, **options: Any) -> None:
        """The verb `show`."""
        version = _version(vendor, number)
        if source:
            self.stdout.write(version.source_text, ending="")
        else:
            self.stdout.write(write(_contract(version)), ending="")

    def do_diff(self, file: Path, **options: Any) -> None:
        """The verb `diff`: both sides in canonical spelling, so that only what differs in meaning shows."""
        ((_, contract, _),) = _read([file])
        slug = contract.vendor.slug
        version = _latest(slug)
        before = write(_contract(version)) if version else ""
        name = f"{slug} version {version.number}" if version else f"{slug}, not loaded"
        lines = list(
            difflib.unified_diff(
                before.splitlines(), write(contract).splitlines(), fromfile=name, tofile=str(file), lineterm="", n=4
            )
        )
        if not lines:
            self.stdout.write(f"{slug}: no difference")
            return
        for line in lines:
            self.stdout.write(line)
        raise SystemExit(FAULTY)

    def do_schema(self, **options: Any) -> None:
        """The verb `schema`."""
        path = Path(settings.BASE_DIR, SCHEMA_FILE)
        path.parent.mkdir(exist_ok=True)
        path.write_text(schema(), encoding="utf-8")
        self.stdout.write(f"{SCHEMA_FILE}: written")


def _is_edited_since(contract: Contract) -> bool:
    """Whether the contract in force was made on pages after this very one had been loaded from a file."""
    vendor = Vendor.objects.filter(slug=contract.vendor.slug).first()
    if vendor is None:
        return False
    with vendor_scope(vendor):
        latest = ContractVersion.objects.order_by("-number").first()
        if latest is None or latest.loaded_by_id is None:
            return False
        last_file = ContractVersion.objects.filter(loaded_by=None).order_by("-number").first()
        return last_file is not None and last_file.digest == digest(canonical(contract))


def _read(files: list[Path], ending: str = ".") -> list[tuple[Path, Contract, str]]:
    """Every contract, or CommandError with the faults of all files."""
    read: list[tuple[Path, Contract, str]] = []
    faults: list[str] = []
    for path in files:
        try:
            contract, text = read_file(path)
        except ContractError as error:
            faults += [str(problem) for problem in error.problems]
        else:
            read.append((path, contract, text))
    if faults:
        count = f"{len(faults)} fault" + ("s" if len(faults) > 1 else "")
        raise CommandError("\n".join([*faults, count + ending]), returncode=FAULTY)
    return read


def _start(effective: str | None, contract: Contract) -> datetime | None:
    """Midnight of the date in the vendor's zone."""
    if effective is None:
        return None
    try:
        day = date.fromisoformat(effective)
    except ValueError:
        raise CommandError(
            f"--from: expected a date such as 2026-12-25, found '{effective}'", returncode=IMPOSSIBLE
        ) from None
    return datetime.combine(day, time(), tzinfo=ZoneInfo(contract.vendor.zone))


def _latest(slug: str) -> ContractVersion | None:
    vendor = Vendor.objects.filter(slug=slug).first()
    if vendor is None:
        return None
    with vendor_scope(vendor):
        return ContractVersion.objects.order_by("-number").first()


def _version(slug: str, number: int | None) -> ContractVersion:
    vendor = Vendor.objects.filter(slug=slug).first()
    if vendor is None:
        known = ", ".join(Vendor.objects.order_by("slug").values_list("slug", flat=True)) or "none is loaded"
        raise CommandError(f"There is no vendor '{slug}': {known}.", returncode=IMPOSSIBLE)
    with vendor_scope(vendor):
        versions = ContractVersion.objects.order_by("-number")
        version = versions.first() if number is None else versions.filter(number=number).first()
    if version is None:
        wanted = "no contract" if number is None else f"no contract version {number}"
        raise CommandError(f"'{slug}' has {wanted}.", returncode=IMPOSSIBLE)
    return version


def _contract(version: ContractVersion) -> Contract:
    return read_canonical(version.document, name=f"version {version.number}")
