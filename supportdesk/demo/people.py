"""Who the demo is played by: for each vendor its own people, and its customers with their projects and plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from supportdesk.accounts.models import Role

PASSWORD = "lively-demo-2026"  # noqa: S105 - it is printed at every start of the demo


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str
    zone: str
    role: Role = Role.CUSTOMER
    tier: int | None = None
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """A project: its plan is named by offering and plan, as in the contract file."""

    name: str
    slug: str
    offering: str
    plan: str
    host: str


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    slug: str
    people: tuple[Person, ...]
    sites: tuple[Site, ...]


@dataclass(frozen=True, slots=True)
class Cast:
    vendor: str
    name: str
    staff: tuple[Person, ...]
    companies: tuple[Company, ...]

    @property
    def people(self) -> tuple[Person, ...]:
        return (*(person for company in self.companies for person in company.people), *self.staff)


OLGA = Person("Olga Petrenko", "olga@supportdesk.example", "Europe/Kyiv", Role.OPERATOR)
GRACE_AT_NORTHWIND = "grace@northwind.example"


class _Employs(Protocol):
    def __call__(self, name: str, zone: str, role: Role = Role.AGENT, tier: int | None = 1, *teams: str) -> Person: ...


def _staff_of(vendor: str) -> _Employs:
    def employs(name: str, zone: str, role: Role = Role.AGENT, tier: int | None = 1, *teams: str) -> Person:
        return Person(name, f"{name.split(maxsplit=1)[0].lower()}@{vendor}.example", zone, role, tier, teams)

    return employs


def _cast_of_applications() -> Cast:
    us = _staff_of("platformsh-apps")

    return Cast(
        "platformsh-apps",
        "Platform.sh Apps",
        (
            us("Carol Bernard", "Europe/Paris", Role.AGENT, 1, "level-1"),
            us("Hugo Lefèvre", "Europe/Paris", Role.AGENT, 1, "level-1"),
            us("Priya Nair", "Asia/Kolkata", Role.AGENT, 2, "level-2"),
            us("Jonas Keller", "America/Toronto", Role.AGENT, 3, "level-3"),
            us("Dan Whitfield", "America/New_York", Role.LEAD, 3, "level-1", "level-2", "level-3"),
            us("Erin Doyle", "Europe/Dublin", Role.ADMIN, None),
        ),
        (
            Company(
                "Northwind Outdoor",
                "northwind",
                (
                    Person("Alice Moreau", "alice@northwind.example", "Europe/Paris"),
                    Person("Bob Janssen", "bob@northwind.example", "Europe/Amsterdam"),
                    Person("Grace Okoye", GRACE_AT_NORTHWIND, "Europe/London", Role.MANAGER),
                ),
                (
                    Site("Outdoor shop", "shop", "drupal-commerce", "enterprise", "www.northwind.example"),
                    Site("Dealer portal", "dealers", "commerce", "enterprise", "dealers.northwind.example"),
                ),
            ),
            Company(
                "Blue Harbor Tea",
                "blueharbor",
                (
                    Person("Nadia Haddad", "nadia@blueharbor.example", "Europe/Lisbon"),
                    Person("Owen Price", "owen@blueharbor.example", "Europe/London", Role.MANAGER),
                ),
                (Site("Tea subscriptions", "tea", "commerce", "standard", "shop.blueharbor.example"),),
            ),
            Company(
                "Kestrel Books",
                "kestrel",
                (
                    Person("Ines Ferreira", "ines@kestrel.example", "America/Sao_Paulo"),
                    Person("Mark Sullivan", "mark@kestrel.example", "America/Chicago", Role.MANAGER),
                ),
                (Site("Bookshop", "bookshop", "drupal-commerce", "standard", "www.kestrel.example"),),
            ),
        ),
    )


def _cast_of_drud() -> Cast:
    us = _staff_of("drud")

    return Cast(
        "drud",
        "Drud",
        (
            us("Travis Boone", "America/Denver", Role.AGENT, 1, "ddev-live-support"),
            us("Mallory Quinn", "America/Los_Angeles", Role.AGENT, 1, "ddev-live-support"),
            us("Sven Aalto", "Europe/Helsinki", Role.AGENT, 2, "tier-two"),
            us("Rosa Delgado", "America/Denver", Role.AGENT, 3, "product-engineering"),
            us("Kenji Mori", "Asia/Tokyo", Role.LEAD, 2, "tier-two", "ddev-live-support"),
            us("Beth Carver", "America/Denver", Role.ADMIN, None),
        ),
        (
            Company(
                "Prairie Public Radio",
                "prairieradio",
                (
                    Person("Lena Hoffmann", "lena@prairieradio.example", "America/Chicago"),
                    Person("Marcus Webb", "marcus@prairieradio.example", "America/Chicago", Role.MANAGER),
                ),
                (
                    Site("Station website", "prairie-web", "ddev-live", "standard", "www.prairieradio.example"),
                    Site("Donation drive", "prairie-give", "ddev-live", "standard", "give.prairieradio.example"),
                ),
            ),
            Company(
                "Coastal Community College",
                "coastalcollege",
                (
                    Person("Tara Singh", "tara@coastalcollege.example", "America/Los_Angeles"),
                    Person("Victor Alvarez", "victor@coastalcollege.example", "America/Los_Angeles", Role.MANAGER),
                ),
                (Site("Course catalog", "coastal-courses", "ddev-live", "standard", "courses.coastalcollege.example"),),
            ),
            Company(
                "Hearth & Oak Studio",
                "hearthoak",
                (Person("Emil Sorensen", "emil@hearthoak.example", "Europe/Copenhagen"),),
                (Site("Agency sites", "hearthoak", "ddev-live", "standard", "clients.hearthoak.example"),),
            ),
        ),
    )


def _cast_of_platform() -> Cast:
    us = _staff_of("platformsh")

    return Cast(
        "platformsh",
        "Platform.sh",
        (
            us("Claire Fontaine", "Europe/Paris", Role.AGENT, 1, "support"),
            us("Diego Ruiz", "America/Mexico_City", Role.AGENT, 1, "support"),
            us("Hana Suzuki", "Asia/Tokyo", Role.AGENT, 2, "support"),
            us("Liam Byrne", "Europe/Dublin", Role.LEAD, 3, "support"),
            us("Sophie Marchand", "Europe/Paris", Role.ADMIN, None),
        ),
        (
            Company(
                "Northwind Outdoor",
                "northwind",
                (
                    Person("Grace Okoye", GRACE_AT_NORTHWIND, "Europe/London"),
                    Person("Felix Brandt", "felix@northwind.example", "Europe/Berlin", Role.MANAGER),
                ),
                (Site("Outdoor shop hosting", "shop", "help-desk", "standard", "www.northwind.example"),),
            ),
            Company(
                "Lumen Museum",
                "lumen",
                (
                    Person("Chiara Conti", "chiara@lumen.example", "Europe/Rome"),
                    Person("Pieter de Vries", "pieter@lumen.example", "Europe/Amsterdam", Role.MANAGER),
                ),
                (
                    Site("Museum website", "website", "help-desk", "standard", "www.lumen.example"),
                    Site("Ticket shop", "tickets", "help-desk", "standard", "tickets.lumen.example"),
                ),
            ),
            Company(
                "Parcelo Logistics",
                "parcelo",
                (
                    Person("Amara Diallo", "amara@parcelo.example", "Africa/Dakar"),
                    Person("Jules Perrin", "jules@parcelo.example", "Europe/Paris"),
                ),
                (Site("Tracking API", "tracking", "help-desk", "standard", "api.parcelo.example"),),
            ),
        ),
    )


def _cast_of_commercetools() -> Cast:
    us = _staff_of("commercetools")

    return Cast(
        "commercetools",
        "commercetools",
        (
            us("Lukas Vogel", "Europe/Berlin", Role.AGENT, 1, "support"),
            us("Aisha Rahman", "Asia/Singapore", Role.AGENT, 2, "support"),
            us("Megan Ortiz", "America/New_York", Role.AGENT, 2, "support"),
            us("Stefan Wagner", "Europe/Berlin", Role.AGENT, 3, "customer-success"),
            us("Katharina Lang", "Europe/Berlin", Role.LEAD, 3, "support"),
            us("Ralf Neumann", "Europe/Berlin", Role.ADMIN, None),
        ),
        (
            Company(
                "Velvet & Vine",
                "velvetvine",
                (
                    Person("Camille Roux", "camille@velvetvine.example", "Europe/Paris"),
                    Person("Noah Bennett", "noah@velvetvine.example", "America/New_York"),
                    Person("Elif Demir", "elif@velvetvine.example", "Europe/Istanbul", Role.MANAGER),
                ),
                (
                    Site("Fashion Europe", "velvetvine-eu", "platform", "premium", "eu.velvetvine.example"),
                    Site("Fashion US", "velvetvine-us", "platform", "premium", "us.velvetvine.example"),
                ),
            ),
            Company(
                "Brightside Lighting",
                "brightside",
                (
                    Person("Tomasz Nowak", "tomasz@brightside.example", "Europe/Warsaw"),
                    Person("Ruth Adler", "ruth@brightside.example", "Europe/Zurich", Role.MANAGER),
                ),
                (Site("Lighting store", "brightside", "platform", "standard", "www.brightside.example"),),
            ),
        ),
    )


def _cast_of_oro() -> Cast:
    us = _staff_of("orocloud")

    return Cast(
        "orocloud",
        "OroCloud",
        (
            us("Oksana Bondar", "Europe/Kyiv", Role.AGENT, 1, "support"),
            us("Taras Melnyk", "Europe/Kyiv", Role.AGENT, 2, "support"),
            us("Julia Hart", "America/Los_Angeles", Role.AGENT, 2, "support"),
            us("Andriy Kovalenko", "Europe/Kyiv", Role.LEAD, 3, "support"),
            us("Monica Reyes", "America/Los_Angeles", Role.ADMIN, None),
        ),
        (
            Company(
                "Adler Valves",
                "adlervalves",
                (
                    Person("Greta Lindner", "greta@adlervalves.example", "Europe/Berlin"),
                    Person("Simon Fuchs", "simon@adlervalves.example", "Europe/Vienna"),
                    Person("Petra Wolff", "petra@adlervalves.example", "Europe/Berlin", Role.MANAGER),
                ),
                (Site("B2B portal", "b2b", "cloud", "enterprise", "shop.adlervalves.example"),),
            ),
            Company(
                "Great Lakes Supply",
                "greatlakes",
                (
                    Person("Derek Hughes", "derek@greatlakes.example", "America/Detroit"),
                    Person("Wendy Cho", "wendy@greatlakes.example", "America/Detroit", Role.MANAGER),
                ),
                (Site("Wholesale store", "wholesale", "cloud", "enterprise", "order.greatlakes.example"),),
            ),
            Company(
                "Nordlys Digital",
                "nordlys",
                (Person("Ingrid Solberg", "ingrid@nordlys.example", "Europe/Oslo"),),
                (Site("Partner sandbox", "sandbox", "cloud", "enterprise", "oro.nordlys.example"),),
            ),
        ),
    )


CASTS: tuple[Cast, ...] = (
    _cast_of_applications(),
    _cast_of_drud(),
    _cast_of_platform(),
    _cast_of_commercetools(),
    _cast_of_oro(),
)


def sign_ins() -> list[tuple[str, str, str]]:
    """Vendor, role and e-mail address of the people to begin with: of each vendor a customer, an agent and an admin."""
    return [
        (cast.name, str(role.label), next(person.email for person in cast.people if person.role is role))
        for cast in CASTS
        for role in (Role.CUSTOMER, Role.AGENT, Role.ADMIN)
    ]
