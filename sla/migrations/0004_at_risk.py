"""Since when each ticket's most pressing clock is at risk, for the tickets that were there before."""

from django.db import migrations

BUILD = """
SELECT set_config('app.vendor', '*', true);
UPDATE tickets_ticket t SET next_warn_at = (
    SELECT min(c.warn_at) FROM sla_clock c
    WHERE c.vendor_id = t.vendor_id AND c.ticket_id = t.id AND c.settled_at IS NULL AND c.due_at = t.next_due_at
) WHERE t.next_due_at IS NOT NULL;
SELECT set_config('app.vendor', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [("sla", "0003_report_indexes"), ("tickets", "0012_queue")]

    operations = [migrations.RunSQL(BUILD, migrations.RunSQL.noop)]
