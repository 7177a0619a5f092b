from __future__ import annotations

from django.urls import path

from escalation.views import answers, editing, pages, policies

urlpatterns = [
    path("desk/pages/", pages.pages, name="desk-pages"),
    path("desk/pages/<int:pk>/", pages.page, name="desk-page"),
    path("desk/pages/<int:pk>/activity/", pages.activity, name="desk-page-activity"),
    path("desk/pages/<int:pk>/acknowledgement/", pages.acknowledge, name="acknowledge-page"),
    path("desk/pages/<int:pk>/escalation/", pages.escalate, name="escalate-page"),
    path("desk/pages/<int:pk>/holder/", pages.hand, name="hand-page"),
    path("desk/pages/<int:pk>/notes/", pages.note, name="note-page"),
    path("desk/pages/<int:pk>/bridge/", pages.bridge, name="bridge-page"),
    path("desk/pages/<int:pk>/resolution/", pages.resolve, name="resolve-page"),
    path("desk/tickets/<int:number>/pages/", pages.by_hand, name="page-by-hand"),
    path("desk/policies/", policies.policies, name="policies"),
    path("desk/policies/new/", editing.new, name="policy-new"),
    path("desk/policies/restored/<int:number>/", policies.restore, name="policies-restored"),
    path("desk/policies/<slug:slug>/edit/", editing.edit, name="policy-edit"),
    path("desk/policies/<slug:slug>/switch/", policies.switch, name="policy-switch"),
    path("desk/policies/<slug:slug>/place/", policies.move, name="policy-place"),
    path("desk/policies/<slug:slug>/removal/", policies.remove, name="policy-removal"),
    path("desk/policies/<slug:slug>/", policies.policy, name="policy"),
    path("answers/<str:secret>/", answers.answer, name="page-link"),
]
