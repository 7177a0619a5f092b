from django.db import migrations

from supportdesk.tenancy.operations import CONDITION, POLICY

# The same wall, but the setting is read and turned into a number once for a query and not for each row: reports go
# through some hundred thousand rows of this table, and a quarter of their time went into that. A subquery costs some
# planning, so tables of which few rows are read keep the plain condition. What is no number is nobody's.
SETTING = "current_setting('app.vendor', true)"
ONCE = f"""vendor_id = (SELECT CASE WHEN {SETTING} ~ '^[0-9]+$' THEN {SETTING}::bigint END)
    OR (SELECT {SETTING} = '*')"""


def altered(condition: str) -> str:
    return f"ALTER POLICY {POLICY} ON sla_clock USING ({condition}) WITH CHECK ({condition})"


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0004_at_risk"),
    ]

    operations = [
        migrations.RunSQL(altered(ONCE), altered(CONDITION)),
    ]
