"""The words of the tickets that were there before; by itself, because the table's keys come at its migration's end."""

from django.db import migrations

BUILD = """
SELECT set_config('app.vendor', '*', true);
SELECT searchentry_build(t) FROM tickets_ticket t;
SELECT set_config('app.vendor', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0006_search")]

    operations = [migrations.RunSQL(BUILD, migrations.RunSQL.noop)]
