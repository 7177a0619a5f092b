from __future__ import annotations

from django.urls import path

from supportdesk.notifications.views import inbox, kept_mail

vendor_urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.mark_read, name="inbox_read"),
    path("inbox/<int:notice_id>/", inbox.open_notice, name="inbox_open"),
]

demo_urlpatterns = [
    path("mail/", kept_mail.mailbox, name="kept_mail"),
    path("mail/<int:mail_id>/", kept_mail.message, name="kept_mail_message"),
    path("mail/<int:mail_id>/html/", kept_mail.as_html, name="kept_mail_html"),
]
