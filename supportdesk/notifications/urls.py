from __future__ import annotations

from django.urls import path

from supportdesk.notifications.views import deliveries, hooks, inbox, integrations, kept_mail, metrics, preferences

vendor_urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.mark_read, name="inbox_read"),
    path("inbox/<int:notice_id>/", inbox.open_notice, name="inbox_open"),
    path("me/notifications/", preferences.preferences, name="notification-preferences"),
    path("me/numbers/", preferences.add_number, name="number-add"),
    path("me/numbers/<int:pk>/code/", preferences.send_code, name="number-code"),
    path("me/numbers/<int:pk>/verification/", preferences.verify, name="number-verify"),
    path("me/numbers/<int:pk>/removal/", preferences.remove_number, name="number-remove"),
    path("desk/integrations/", integrations.integrations, name="integrations"),
    path("desk/integrations/new/<slug:kind>/", integrations.add, name="integration-add"),
    path("desk/integrations/<int:pk>/", integrations.integration, name="integration"),
    path("desk/integrations/<int:pk>/test/", integrations.test, name="integration-test"),
    path("desk/integrations/<int:pk>/tests/<int:delivery_id>/", integrations.test_result, name="integration-tested"),
    path("desk/integrations/<int:pk>/disabling/", integrations.disable, name="integration-disable"),
    path("desk/integrations/<int:pk>/enabling/", integrations.enable, name="integration-enable"),
    path("desk/integrations/<int:pk>/removal/", integrations.remove, name="integration-remove"),
    path("desk/deliveries/", deliveries.deliveries, name="deliveries"),
    path("desk/deliveries/retrying/", deliveries.retry, name="deliveries-retry"),
    path("hooks/<uuid:token>/", hooks.hook, name="hook"),
    path("hooks/<uuid:token>/<int:delivery_id>/", hooks.receipt, name="receipt"),
]

platform_urlpatterns = [path("metrics", metrics.metrics, name="metrics")]

demo_urlpatterns = [
    path("mail/", kept_mail.mailbox, name="kept_mail"),
    path("mail/<int:mail_id>/", kept_mail.message, name="kept_mail_message"),
    path("mail/<int:mail_id>/html/", kept_mail.as_html, name="kept_mail_html"),
]
