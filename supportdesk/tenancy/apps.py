from django.apps import AppConfig


class TenancyConfig(AppConfig):
    """Tenancy has no tables of its own: it is what every tenant table is made with."""

    name = "supportdesk.tenancy"
    label = "tenancy"
