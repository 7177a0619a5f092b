from __future__ import annotations

from django.urls import path

from supportdesk.accounts.access import api as for_api
from tickets import api
from tickets.views import asking, attachments, deciding, desk, drafting, filing, following, lists, portal

urlpatterns = [
    path("tickets/", lists.tickets, name="portal-tickets"),
    path("tickets/list.csv", lists.as_csv, name="portal-tickets-csv"),
    path("tickets/new/", filing.new, name="portal-new"),
    path("tickets/new/choices/", filing.choices_of_form, name="portal-new-choices"),
    path("tickets/new/draft/", drafting.save, name="portal-draft"),
    path("tickets/new/draft/<uuid:submission>/removal/", drafting.discard, name="portal-draft-removal"),
    path("tickets/new/suggestions/", drafting.suggestions, name="portal-suggestions"),
    path("tickets/preview/", filing.preview, name="portal-preview"),
    path("tickets/<int:number>/", portal.ticket, name="portal-ticket"),
    path("tickets/<int:number>/activity/", portal.activity, name="portal-activity"),
    path("tickets/<int:number>/replies/", portal.reply, name="portal-reply"),
    path("tickets/<int:number>/resolution/", portal.resolve, name="portal-resolve"),
    path("tickets/<int:number>/reopening/", portal.reopen, name="portal-reopen"),
    path("tickets/<int:number>/priority-request/", asking.priority, name="ask-priority"),
    path("tickets/<int:number>/escalation/", asking.escalation, name="ask-escalation"),
    path("tickets/<int:number>/call-back/", asking.callback, name="ask-callback"),
    path("tickets/<int:number>/call-back/cancellation/", asking.cancel_callback, name="cancel-callback"),
    path("tickets/<int:number>/rating/", asking.rating, name="rate"),
    path("tickets/<int:number>/follow-up/", asking.follow_up, name="follow-up"),
    path("tickets/<int:number>/followers/", following.followers, name="followers"),
    path("tickets/<int:number>/followers/me/", following.own, name="follow"),
    path("tickets/<int:number>/followers/<int:pk>/removal/", following.remove, name="unfollow"),
    path("attachments/<int:pk>/", attachments.download, name="attachment"),
    path("desk/", desk.queue, name="desk-queue"),
    path("desk/search/", lists.desk_search, name="desk-search"),
    path("desk/rows/", desk.rows, name="desk-rows"),
    path("desk/tickets/new/", desk.new, name="desk-new"),
    path("desk/tickets/<int:number>/", desk.ticket, name="desk-ticket"),
    path("desk/tickets/<int:number>/activity/", desk.activity, name="desk-activity"),
    path("desk/tickets/<int:number>/replies/", desk.reply, name="desk-reply"),
    path("desk/tickets/<int:number>/notes/", desk.note, name="desk-note"),
    path("desk/tickets/<int:number>/calls/", desk.call, name="desk-call"),
    path("desk/tickets/<int:number>/assignment/", desk.assignment, name="desk-assignment"),
    path("desk/tickets/<int:number>/triage/", desk.triage, name="desk-triage"),
    path("desk/outcomes/", deciding.outcomes, name="desk-outcomes"),
    path("desk/tickets/<int:number>/priority-request/acceptance/", deciding.accept_priority, name="accept-priority"),
    path("desk/tickets/<int:number>/priority-request/refusal/", deciding.decline_priority, name="decline-priority"),
    path("desk/tickets/<int:number>/status/", desk.status, name="desk-status"),
    path("desk/tickets/<int:number>/answer-not-needed/", desk.no_reply_needed, name="desk-no-reply-needed"),
    path("desk/tickets/<int:number>/clocks/<int:pk>/", desk.clock, name="desk-clock"),
    path("tickets/<int:number>/clocks/<int:pk>/", portal.clock, name="portal-clock"),
    path("api/v1/tickets/", for_api(api.Tickets.as_view()), name="api-tickets"),
    path("api/v1/tickets/<int:number>/", for_api(api.OneTicket.as_view()), name="api-ticket"),
    path("api/v1/tickets/<int:number>/replies/", for_api(api.Replies.as_view()), name="api-replies"),
]
