from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, path

from onboarding.views import absences, launches


def _of_organization() -> Iterator[URLPattern]:
    """One's own organization's in the portal, any on the desk."""
    for place, prefix in (("organization/", ""), ("desk/organizations/<slug:slug>/", "desk-")):
        yield path(f"{place}absences/", absences.absences, name=f"{prefix}organization-absences")
        yield path(f"{place}absences/calendar/", absences.upload, name=f"{prefix}organization-upload")
        yield path(
            f"{place}absences/calendar/<str:batch>/undo/",
            absences.undo_upload,
            name=f"{prefix}organization-upload-undo",
        )
        yield path(f"{place}absences/<int:pk>/removal/", absences.remove, name=f"{prefix}organization-absence-removal")
        yield path(f"{place}launches/", launches.launches, name=f"{prefix}organization-launches")
        yield path(
            f"{place}launches/<int:pk>/calling-off/",
            launches.call_off,
            name=f"{prefix}organization-launch-call-off",
        )


urlpatterns = [
    *_of_organization(),
    path(
        "desk/organizations/<slug:slug>/projects/<int:pk>/critical-functions/",
        launches.functions,
        name="desk-organization-functions",
    ),
]
