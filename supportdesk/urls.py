"""Every address of the product. What belongs to a vendor is under ``/<vendor>/``."""

from __future__ import annotations

from django.urls import include, path

from supportdesk.accounts import urls as accounts
from supportdesk.notifications import urls as notifications
from supportdesk.timers import health

urlpatterns = [
    path("", include(accounts.platform_urlpatterns)),
    path("accounts/", include("allauth.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include(notifications.platform_urlpatterns)),
    path("demo/", include(notifications.demo_urlpatterns)),
    path(
        "<slug:vendor>/",
        include(
            [
                path("", include(accounts.vendor_urlpatterns)),
                path("", include("tickets.urls")),
                path("", include("sla.urls")),
                path("", include("escalation.urls")),
                path("", include(notifications.vendor_urlpatterns)),
                path("", include("supportdesk.knowledge.urls")),
                path("", include("onboarding.urls")),
                path("", include("escalation.urls")),
            ]
        ),
    ),
]

handler400 = "supportdesk.accounts.views.bad_request"
handler403 = "supportdesk.accounts.views.forbidden"
handler404 = "supportdesk.accounts.views.not_found"
handler500 = "supportdesk.accounts.views.broken"
