"""Bad input to the filing form: each mistake is named next to its field and at the top, and everything else is kept."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from html import unescape

import pytest
import time_machine
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from supportdesk.accounts.models import Organization, Project
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk
from tests.tickets.pages import NEW, answers, text_of
from tickets.models import Attachment, Message, Ticket

pytestmark = pytest.mark.django_db

MB = 1024 * 1024
PROGRAM = b"MZ" + bytes(58) + b"\x40\x00\x00\x00PE\x00\x00" + bytes(64)


@pytest.fixture(autouse=True)
def monday(settings: LazySettings, tmp_path: object) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def alice(client: Client, oro: Desk) -> Client:
    client.force_login(oro.alice.user)
    return client


class Form:
    """The form as it came back."""

    def __init__(self, html: str) -> None:
        self.html = html

    def says_at(self, field: str) -> str:
        """The complaint that stands beside a field."""
        found = re.search(rf'id="id_{field}_error"[^>]*>(.*?)</(?:div|p)>', self.html, re.DOTALL)
        return text_of(found[1]) if found else ""

    @property
    def summary(self) -> str:
        found = re.search(r'<div class="errors" role="alert".*?</ul>', self.html, re.DOTALL)
        return text_of(found[0]) if found else ""

    def keeps(self, sent: dict[str, object], *but: str) -> None:
        """That all that was sent stands in it again."""
        for name, value in sent.items():
            if name in ("files", *but):
                continue
            if name in ("priority", "environment", "is_shared", "workaround"):
                assert re.search(rf'name="{name}" [^>]*value="{value}"[^>]* checked', self.html), name
            elif name == "category":
                assert f'<option value="{value}" selected' in self.html, name
            elif name == "body":
                body = re.search(r'<textarea name="body".*?>\n?(.*?)</textarea>', self.html, re.DOTALL)
                assert body is not None
                assert unescape(body[1]) == value
            else:
                assert f'value="{value}"' in unescape(self.html), name


def send(client: Client, sent: dict[str, object]) -> Form:
    response = client.post(NEW, sent)
    assert response.status_code == 422, response.headers
    return Form(response.content.decode())


def nothing_is_filed(oro: Desk) -> None:
    with vendor_scope(oro.vendor):
        assert (Ticket.objects.count(), Attachment.objects.count()) == (0, 0)


class TestFiles:
    def test_one_of_26_megabytes(self, oro: Desk, alice: Client) -> None:
        sent = answers(oro, files=[SimpleUploadedFile("core.dump", bytes(26 * MB)), SimpleUploadedFile("a.log", b"x")])
        form = send(alice, sent)
        assert "“core.dump” is larger than 25 MB." in form.says_at("files")
        assert "Attachments: “core.dump” is larger than 25 MB." in form.summary
        assert "a.log" not in form.says_at("files")
        form.keeps(sent)
        nothing_is_filed(oro)

    def test_a_program_that_calls_itself_a_picture(self, oro: Desk, alice: Client) -> None:
        sent = answers(oro, files=[SimpleUploadedFile("holiday.png", PROGRAM, content_type="image/png")])
        form = send(alice, sent)
        assert "“holiday.png” is a program; programs cannot be attached." in form.says_at("files")
        form.keeps(sent)
        nothing_is_filed(oro)

    def test_two_hundred(self, oro: Desk, alice: Client) -> None:
        sent = answers(oro, files=[SimpleUploadedFile(f"{number}.log", b"x") for number in range(200)])
        form = send(alice, sent)
        assert "At most 20 files at once; you chose 200." in form.says_at("files")
        assert "Attachments: At most 20 files at once" in form.summary
        form.keeps(sent)
        nothing_is_filed(oro)

    def test_more_than_django_reads(self, oro: Desk, alice: Client, settings: LazySettings) -> None:
        settings.DATA_UPLOAD_MAX_NUMBER_FILES = 30
        sent = answers(oro, files=[SimpleUploadedFile(f"{number}.log", b"x") for number in range(40)])
        fields = {name: value for name, value in sent.items() if name != "files"}
        form = send(alice, fields | {"files": sent["files"]})
        assert "At most 20 files at once." in form.says_at("files")
        form.keeps(fields)
        nothing_is_filed(oro)

    def test_a_script_for_a_name(self, oro: Desk, alice: Client) -> None:
        name = "<img src=x onerror=alert(1)>.txt"
        form = send(alice, answers(oro, subject="", files=[SimpleUploadedFile(name, b"x")]))
        assert "<img src=x" not in form.html
        alice.post(NEW, answers(oro, files=[SimpleUploadedFile(name, b"x")]))
        page = alice.get("/orocloud/tickets/1/").content.decode()
        assert "<img src=x" not in page
        assert "&lt;img src=x onerror=alert(1)&gt;.txt" in page

    def test_a_problem_with_a_file_is_said_beside_all_others(self, oro: Desk, alice: Client) -> None:
        form = send(alice, answers(oro, subject="", files=[SimpleUploadedFile("empty.txt", b"")]))
        assert "Say in a few words what is wrong." in form.says_at("subject")
        assert "“empty.txt” is empty." in form.says_at("files")
        assert form.summary.count(":") >= 2

    def test_what_is_over_the_limit_is_never_stored(self, oro: Desk, alice: Client, settings: LazySettings) -> None:
        settings.ATTACHMENT_MAX_BYTES = MB
        settings.FILE_UPLOAD_TEMP_DIR = settings.MEDIA_ROOT
        many = [SimpleUploadedFile(f"{number}.bin", bytes(200_000)) for number in range(40)]
        form = send(alice, answers(oro, files=[SimpleUploadedFile("big.bin", bytes(5 * MB)), *many]))
        assert "“big.bin” is larger than 1 MB." in form.says_at("files")
        assert "you chose 41" in form.says_at("files")
        assert sum(each.stat().st_size for each in settings.MEDIA_ROOT.rglob("*") if each.is_file()) <= 20 * 200_000


class TestText:
    def test_a_megabyte(self, oro: Desk, alice: Client) -> None:
        sent = answers(oro, body="x" * 1_000_000)
        form = send(alice, sent)
        assert "at most 200000 characters, 1000000 here" in form.says_at("body")
        assert "Description: This is too long" in form.summary
        form.keeps(sent)
        nothing_is_filed(oro)

    def test_a_megabyte_of_emoji_which_is_four_in_bytes(self, oro: Desk, alice: Client) -> None:
        sent = answers(oro, body="🔥" * 1_000_000)
        send(alice, sent).keeps(sent)

    def test_more_than_django_reads(self, oro: Desk, alice: Client, settings: LazySettings) -> None:
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = MB
        sent = answers(oro, body="x" * 2 * MB)
        form = send(alice, sent)
        assert "Your text is longer than 1.0" in form.says_at("body")
        assert "Description: Your text is longer" in form.summary
        assert f'value="{sent["subject"]}"' in form.html
        assert 'value="LIC-1"' in form.html
        nothing_is_filed(oro)

    def test_what_came_after_the_limit_is_filled_in_from_the_draft(
        self, oro: Desk, alice: Client, settings: LazySettings
    ) -> None:
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = MB
        sent = answers(oro, is_shared="true")
        assert alice.post(f"{NEW}draft/", sent).status_code == 200
        form = send(alice, sent | {"body": "x" * 2 * MB})
        form.keeps(sent)

    def test_a_script_in_markdown_stays_text(self, oro: Desk, alice: Client) -> None:
        alice.post(NEW, answers(oro, body="<script>alert(1)</script>\n\n[x](javascript:alert(1)) ![y](x onerror=z)"))
        html = alice.get("/orocloud/tickets/1/").content.decode()
        assert "<script>alert" not in html
        assert 'href="javascript' not in html
        assert not re.search(r"<img[^>]*onerror", html)

    def test_a_subject_of_emoji(self, oro: Desk, alice: Client) -> None:
        sent = answers(oro, subject="🔥🔥🔥 !!!")
        form = send(alice, sent)
        assert "Say in words what is wrong" in form.says_at("subject")
        assert "Subject: Say in words" in form.summary
        form.keeps(sent)
        nothing_is_filed(oro)

    def test_a_subject_with_emoji_and_words_is_fine(self, oro: Desk, alice: Client) -> None:
        assert alice.post(NEW, answers(oro, subject="🔥 Checkout is down")).status_code == 302
        with vendor_scope(oro.vendor):
            assert Ticket.objects.get().subject == "🔥 Checkout is down"

    def test_a_subject_too_long(self, oro: Desk, alice: Client) -> None:
        sent = answers(oro, subject="x" * 201)
        form = send(alice, sent)
        assert "at most 200 characters, 201 here" in form.says_at("subject")
        form.keeps(sent)

    def test_null_characters(self, oro: Desk, alice: Client) -> None:
        form = send(alice, answers(oro, body="before\0after"))
        assert "Null characters are not allowed." in form.says_at("body")


class TestChoices:
    def test_another_organizations_project(self, oro: Desk, alice: Client) -> None:
        with vendor_scope(oro.vendor):
            southwind = Organization.objects.create(name="Southwind", slug="southwind")
            theirs = Project.objects.create(organization=southwind, name="Their shop", slug="their-shop")
        sent = answers(oro, project=theirs.pk)
        form = send(alice, sent)
        assert "Choose one of the projects in the list." in form.says_at("project")
        assert "Project: Choose one" in form.summary
        assert "Their shop" not in form.html
        form.keeps(sent, "project")
        nothing_is_filed(oro)

    @pytest.mark.parametrize("value", ["", "0", "x", "9" * 40, "-1", "<b>"])
    @pytest.mark.parametrize("field", ["project", "category", "priority", "submission"])
    def test_something_that_is_none_of_them(self, oro: Desk, alice: Client, field: str, value: str) -> None:
        sent = answers(oro, **{field: value})
        response = alice.post(NEW, sent)
        assert response.status_code == 422
        nothing_is_filed(oro)

    def test_answers_to_questions_nobody_asked(self, oro: Desk, alice: Client) -> None:
        said = {"criteria": ["nonsense", "<script>"], "workaround": "perhaps", "functions": ["Their checkout"]}
        assert alice.post(NEW, answers(oro, **said)).status_code == 302
        with vendor_scope(oro.vendor):
            assert "_guidance" not in Ticket.objects.get().fields

    def test_somebody_of_another_organization_to_keep_informed(self, oro: Desk, alice: Client) -> None:
        form = send(alice, answers(oro, informed=[oro.carol.pk]))
        assert "Select a valid choice" in form.says_at("informed")
        nothing_is_filed(oro)


class TestTheRequestItself:
    def test_one_that_breaks_off(self, oro: Desk, alice: Client) -> None:
        broken = b'--b\r\nContent-Disposition: form-data; name="subject"\r\n\r\nDown'
        response = alice.generic("POST", NEW, broken, content_type="multipart/form-data; boundary=b")
        assert response.status_code == 422

    def test_one_without_a_boundary(self, oro: Desk, alice: Client) -> None:
        response = alice.generic("POST", NEW, b"x", content_type="multipart/form-data")
        assert response.status_code == 422
        assert "broke off on the way" in response.content.decode()

    def test_a_form_from_before_another_sign_in_comes_back_filled(self, oro: Desk) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(oro.alice.user)
        strict.get(NEW)
        sent = answers(oro, csrfmiddlewaretoken="x" * 64)
        form = send(strict, sent)
        assert "This page was open while you signed in elsewhere." in form.summary
        form.keeps(sent, "csrfmiddlewaretoken")
        nothing_is_filed(oro)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.html)
        assert token is not None
        assert strict.post(NEW, sent | {"csrfmiddlewaretoken": token[1]}).status_code == 302

    def test_a_forged_one_files_and_keeps_nothing(self, oro: Desk) -> None:
        forged = Client(enforce_csrf_checks=True)
        assert forged.post(NEW, answers(oro, submission=str(uuid.uuid4()))).status_code == 302
        assert "unsent" not in forged.session
        with vendor_scope(oro.vendor):
            assert (Ticket.objects.count(), Message.objects.count()) == (0, 0)
