"""What may be attached, what it is then called, and what is refused before anything is kept."""

from __future__ import annotations

import struct

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cast import MONDAY, Desk
from tickets import actions, uploads
from tickets.errors import Refused
from tickets.models import Attachment, Message, Ticket

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
WINDOWS_PROGRAM = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\x00\x00" + bytes(64)
LINUX_PROGRAM = b"\x7fELF" + bytes(64)


def named(name: str, content: bytes = b"what happened") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def content(attachment: Attachment) -> bytes:
    with attachment.file.open("rb") as file:
        return bytes(file.read())


class TestRefusals:
    def test_a_file_above_the_limit(self, settings: LazySettings) -> None:
        settings.ATTACHMENT_MAX_BYTES = 2 * 1024 * 1024
        with pytest.raises(Refused, match=r"“big\.log” is larger than 2 MB") as refused:
            uploads.check([named("big.log", bytes(2 * 1024 * 1024 + 1))])
        assert refused.value.field == "files"

    def test_a_file_of_exactly_the_limit_is_taken(self, settings: LazySettings) -> None:
        settings.ATTACHMENT_MAX_BYTES = 1024
        uploads.check([named("full.log", bytes(1024))])

    def test_an_empty_file(self) -> None:
        with pytest.raises(Refused, match=r"“empty\.txt” is empty"):
            uploads.check([named("empty.txt", b"")])

    @pytest.mark.parametrize("content", [WINDOWS_PROGRAM, LINUX_PROGRAM])
    def test_a_program_whatever_its_name_says(self, content: bytes) -> None:
        with pytest.raises(Refused, match=r"“holiday\.png” is a program"):
            uploads.check([named("holiday.png", content)])

    def test_more_than_twenty_at_once(self) -> None:
        uploads.check([named(f"{number}.log") for number in range(20)])
        with pytest.raises(Refused, match="At most 20 files at once; you chose 21"):
            uploads.check([named(f"{number}.log") for number in range(21)])

    def test_each_file_at_fault_is_named(self) -> None:
        with pytest.raises(Refused) as refused:
            uploads.check([named("a.txt", b""), named("fine.txt"), named("b.exe", WINDOWS_PROGRAM)])
        empty, program = refused.value.message_dict["files"]
        assert "a.txt" in empty
        assert "b.exe" in program


class TestNames:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\alice\\error.log", "error.log"),
            ("a\x00b\r\nc.txt", "abc.txt"),
            ("invoice\u202egpj.exe", "invoicegpj.exe"),
            ("<script>alert(1)</script>.txt", "script>.txt"),
            ("…", "…"),
            ("  spaced.txt ", "spaced.txt"),
            ("", "file"),
            ("\x07", "file"),
            ("/", "file"),
            ("x" * 300 + ".txt", "x" * 255),
        ],
    )
    def test_lose_folders_and_tricks(self, given: str, kept: str) -> None:
        assert uploads.clean_name(given) == kept

    def test_are_quoted_in_a_refusal_without_their_tricks(self) -> None:
        file = named("x")
        file._name = "evil\u202etxt.exe"  # type: ignore[attr-defined]
        file.size = 0
        with pytest.raises(Refused, match=r"“eviltxt\.exe” is empty"):
            uploads.check([file])


class TestTypes:
    @pytest.mark.parametrize(
        ("content", "kind"),
        [(PNG, "image/png"), (b"plain words", "text/plain"), (b"\x00\x01\x02", "application/octet-stream")],
    )
    def test_are_read_from_the_file_and_not_believed(self, content: bytes, kind: str) -> None:
        claimed = SimpleUploadedFile("page.html", content, content_type="text/html")
        assert uploads.sniff(claimed) == kind

    def test_a_page_is_kept_as_plain_text(self) -> None:
        assert uploads.sniff(named("page.html", b"<html><script>alert(1)</script></html>")) == "text/plain"


class TestKeeping:
    @pytest.fixture(autouse=True)
    def media(self, settings: LazySettings, tmp_path: object) -> None:
        settings.MEDIA_ROOT = tmp_path

    def test_stores_the_content_under_a_name_nobody_chose(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.reply(ticket, by=in_oro.alice, at=MONDAY, body="See the log.", files=[named("../error.log")])
        kept = Attachment.objects.get()
        assert (kept.name, kept.size, kept.content_type) == ("error.log", 13, "text/plain")
        place = str(kept.file.name)
        assert place.startswith(f"attachments/{ticket.vendor_id}/")
        assert "error" not in place
        assert content(kept) == b"what happened"

    def test_two_files_of_one_name_are_two(self, in_oro: Desk, ticket: Ticket) -> None:
        files = [named("error.log", b"one"), named("error.log", b"two")]
        actions.reply(ticket, by=in_oro.alice, at=MONDAY, body="Both.", files=files)
        assert [content(each) for each in Attachment.objects.order_by("id")] == [b"one", b"two"]

    def test_nothing_is_kept_when_one_is_refused(self, in_oro: Desk, ticket: Ticket) -> None:
        with pytest.raises(Refused):
            actions.reply(
                ticket, by=in_oro.alice, at=MONDAY, body="Both.", files=[named("fine.log"), named("empty.log", b"")]
            )
        assert Attachment.objects.count() == 0
        assert Message.objects.filter(ticket=ticket).count() == 1

    def test_a_notes_file_is_for_the_team_alone(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.note(ticket, by=in_oro.carol, at=MONDAY, body="Trace.", files=[named("trace.txt")])
        assert Attachment.objects.visible_to(in_oro.carol).count() == 1
        assert Attachment.objects.visible_to(in_oro.alice).count() == 0
