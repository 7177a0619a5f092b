"""Absences of customers' people."""

import django.db.models.deletion
from django.db import migrations, models

import supportdesk.tenancy.models
from supportdesk.tenancy import operations


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_projects_seen"),
    ]

    operations = [
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField(verbose_name="first day")),
                ("ends_on", models.DateField(verbose_name="last day")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("uid", models.CharField(blank=True, max_length=255)),
                ("batch", models.UUIDField(blank=True, null=True)),
                ("told_at", models.DateTimeField()),
                (
                    "organization",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="absences",
                        to="accounts.organization",
                    ),
                ),
                (
                    "person",
                    supportdesk.tenancy.models.VendorForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="absences",
                        to="accounts.membership",
                    ),
                ),
                (
                    "told_by",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "vendor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.vendor",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["vendor", "organization", "ends_on"], name="absence_ahead")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="absence_lasts"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("uid", ""), _negated=True),
                        fields=("vendor", "organization", "person", "uid"),
                        name="absence_uid_once",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        operations.TenantTable("absence"),
    ]
