from __future__ import annotations

from django.urls import path

from supportdesk.knowledge.views import fragments, publishing, reading, revisions, sections, writing

urlpatterns = [
    path("solutions/", reading.index, name="solutions"),
    path("solutions/suggestions/", fragments.suggestions, name="solutions-suggestions"),
    path("solutions/sections/<slug:slug>/", reading.section, name="solutions-section"),
    path("solutions/articles/<slug:slug>/", reading.article, name="solutions-article"),
    path("solutions/articles/<slug:slug>/vote/", reading.vote, name="solutions-vote"),
    path("desk/solutions/picker/", fragments.picker, name="solutions-picker"),
    path("desk/solutions/new/", writing.new, name="solutions-new"),
    path("desk/solutions/preview/", writing.preview, name="solutions-preview"),
    path("desk/solutions/articles/<slug:slug>/", writing.edit, name="solutions-edit"),
    path("desk/solutions/articles/<slug:slug>/publication/", publishing.publish, name="solutions-publication"),
    path("desk/solutions/articles/<slug:slug>/withdrawal/", publishing.unpublish, name="solutions-withdrawal"),
    path("desk/solutions/articles/<slug:slug>/removal/", publishing.remove, name="solutions-removal"),
    path("desk/solutions/articles/<slug:slug>/recovery/", publishing.recover, name="solutions-recovery"),
    path("desk/solutions/articles/<slug:slug>/revisions/", revisions.listing, name="solutions-revisions"),
    path("desk/solutions/articles/<slug:slug>/revisions/<int:number>/", revisions.one, name="solutions-revision"),
    path(
        "desk/solutions/articles/<slug:slug>/revisions/<int:number>/restoration/",
        revisions.restore,
        name="solutions-restoration",
    ),
    path("desk/solutions/sections/", sections.listing, name="solutions-sections"),
    path("desk/solutions/sections/<slug:slug>/", sections.edit, name="solutions-section-edit"),
    path("desk/solutions/sections/<slug:slug>/place/", sections.place, name="solutions-section-place"),
    path("desk/solutions/sections/<slug:slug>/removal/", sections.remove, name="solutions-section-removal"),
]
