"""The queue's order again, in words that are known to leak nothing: COALESCE is not, and so never led the index."""

from django.db import migrations

INDEX = """
DROP INDEX ticket_queue;
CREATE INDEX ticket_queue ON tickets_ticket (
    vendor_id,
    (CASE WHEN next_due_at IS NULL THEN 'infinity'::timestamptz ELSE next_due_at END),
    (CASE WHEN unanswered_since IS NULL THEN 'infinity'::timestamptz ELSE unanswered_since END),
    plan_order, id
) WHERE state <> 'resolved';
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0016_canned_responses_and_macros")]

    operations = [migrations.RunSQL(INDEX, migrations.RunSQL.noop)]
