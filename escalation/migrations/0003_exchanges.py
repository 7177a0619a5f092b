"""Two shifts that change hands in one step."""

import django.db.models.deletion
from django.db import migrations, models

import supportdesk.tenancy.models
from supportdesk.tenancy.operations import TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_success_engineers"),
        ("escalation", "0002_pages"),
    ]

    operations = [
        migrations.AddField(
            model_name="swap",
            name="in_return_for",
            field=supportdesk.tenancy.models.VendorForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="escalation.swap",
            ),
        ),
        migrations.AddField(
            model_name="swap",
            name="return_ends_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="swap",
            name="return_layer_key",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="swap",
            name="return_starts_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="swap",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("return_ends_at__isnull", True),
                        ("return_layer_key__isnull", True),
                        ("return_starts_at__isnull", True),
                    ),
                    models.Q(
                        ("asked__isnull", False),
                        ("return_ends_at__gt", models.F("return_starts_at")),
                        ("return_ends_at__isnull", False),
                        ("return_layer_key__isnull", False),
                        ("return_starts_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="swap_return_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="swap",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("in_return_for__isnull", True),
                    models.Q(("return_layer_key__isnull", True), ("state__in", ["taken", "returned"])),
                    _connector="OR",
                ),
                name="swap_in_return_is_taken",
            ),
        ),
        migrations.AddConstraint(
            model_name="swap",
            constraint=models.UniqueConstraint(fields=("vendor", "in_return_for"), name="swap_in_return_once"),
        ),
        TenantTable("swap"),
    ]
