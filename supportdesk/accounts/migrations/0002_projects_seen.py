"""Which projects a customer contact sees."""

import django.db.models.deletion
from django.db import migrations, models

import supportdesk.tenancy.models
from supportdesk.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="projects",
            field=models.JSONField(blank=True, default=list, help_text="Ids of the projects seen; none named: all."),
        ),
        migrations.CreateModel(
            name="MembershipProject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "membership",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="projects",
                        to="accounts.membership",
                    ),
                ),
                (
                    "project",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="limited_to",
                        to="accounts.project",
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
                "constraints": [
                    models.UniqueConstraint(fields=("vendor", "membership", "project"), name="membershipproject_once")
                ],
            },
        ),
        operations.TenantTable("membershipproject"),
    ]
