"""How people write: some greet and sign, some are terse."""

from __future__ import annotations

from random import Random

from supportdesk.accounts.models import Membership

GREETINGS = ("Hi,", "Hello,", "Hello team,", "Good morning,", "Dear support,")
ENDINGS = ("Thanks,", "Thank you in advance,", "Best,", "Kind regards,")


class Voices:
    """The voices of one ticket: its customer is polite throughout or not at all; so is its agent."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.is_polite = rng.random() < 0.55
        self.signs = rng.random() < 0.5
        self.has_greeted = False

    def customer(self, text: str, who: Membership, *, is_urgent: bool) -> str:
        if not self.is_polite or is_urgent:
            return text
        return f"{self.rng.choice(GREETINGS)}\n\n{text.strip()}\n\n{self.rng.choice(ENDINGS)}\n{_first(who)}"

    def agent(self, text: str, who: Membership, to: Membership, *, is_urgent: bool) -> str:
        """The first message greets; the signature is there or not, as the agent is used to."""
        greeting = "" if self.has_greeted or is_urgent else f"Hello {_first(to)},\n\n"
        self.has_greeted = True
        signature = f"\n\nBest regards,\n{_first(who)}" if self.signs and not is_urgent else ""
        return f"{greeting}{text.strip()}{signature}"


def _first(who: Membership) -> str:
    return who.user.get_short_name()
