"""A person at a browser: what they see and press, by its role and its words."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, expect

PASSWORD = "a lively desk 2026"
SHOTS = Path(settings.VAR) / "shots"
PATIENCE = 60_000
"""Milliseconds that a busy machine may take for what is there in a tenth of a second on a free one."""

expect.set_options(timeout=PATIENCE)


class Visit:
    def __init__(
        self, chromium: Browser, address: str, name: str, vendor: str, *, width: int = 1280, dark: bool = False
    ) -> None:
        self.name, self.vendor, self.width, self.dark = name, vendor, width, dark
        self.complaints: list[str] = []
        self.context = chromium.new_context(
            base_url=address,
            viewport={"width": width, "height": 844 if width < 600 else 800},
            color_scheme="dark" if dark else "light",
            is_mobile=width < 600,
            has_touch=width < 600,
        )
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("response", self._look_at)

    def end(self) -> None:
        self.context.close()

    def go(self, path: str) -> Response | None:
        """To a page of this vendor."""
        return self.page.goto(f"/{self.vendor}/{path}")

    def darken(self, dark: bool) -> None:
        """As when the system's theme changes while the page is open."""
        self.dark = dark
        self.page.emulate_media(color_scheme="dark" if dark else "light")

    def sign_in(self) -> None:
        self.page.goto("/accounts/login/")
        self.page.get_by_label("Email").fill(f"{self.name}@{self.vendor}.example")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_url(f"**/{self.vendor}/**")

    def press(self, text: str) -> None:
        self.page.get_by_role("button", name=text, exact=True).click()

    def sees(self, text: str | re.Pattern[str]) -> Locator:
        """That this text stands, visibly, somewhere on the page."""
        found = self.page.get_by_text(text).filter(visible=True).first
        expect(found).to_be_visible()
        return found

    def group(self, name: str) -> Locator:
        """What the page calls by this name: a group, or a region."""
        return self.page.get_by_role("group", name=name).or_(self.page.get_by_role("region", name=name))

    def write(self, text: str) -> None:
        """Into the box at the end of the conversation; and sends it."""
        self.page.get_by_label("Your message").fill(text)
        self.press("Send reply")
        conversation = self.page.get_by_role("region", name="Conversation")
        expect(conversation.get_by_text(text)).to_be_visible()

    def shoot(self, what: str, *, whole: bool = True) -> None:
        """A picture of the whole page, or of what the window shows, for people to look at, under var/shots/."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        name = f"{self.vendor}-{self.width}{'-dark' if self.dark else ''}-{what}.png"
        self.page.screenshot(path=SHOTS / name, full_page=whole)

    def fits(self) -> None:
        """That nothing makes the page scroll sideways."""
        self.page.wait_for_load_state()
        wider = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{self.page.url} is {wider} px wider than {self.width}"

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _look_at(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status} {response.url}")
