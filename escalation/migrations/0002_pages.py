"""Pages and their one-time links."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import supportdesk.tenancy.models
from supportdesk.tenancy.operations import TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_skills"),
        ("escalation", "0001_rotas"),
        ("plans", "0001_initial"),
        ("tickets", "0010_paging_on_the_timeline"),
    ]

    operations = [
        migrations.CreateModel(
            name="Page",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("policy", models.SlugField(max_length=63)),
                ("trigger", models.CharField(max_length=20)),
                ("priority", models.CharField(max_length=31)),
                ("rank", models.PositiveSmallIntegerField()),
                ("opened_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("acknowledged", "Acknowledged"), ("resolved", "Resolved")],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("step", models.PositiveSmallIntegerField(default=0)),
                ("round", models.PositiveSmallIntegerField(default=0)),
                ("has_reached", models.BooleanField(default=False)),
                ("round_reached", models.BooleanField(default=False)),
                ("fell_back", models.BooleanField(default=False)),
                ("landings", models.PositiveIntegerField(default=0)),
                ("next_at", models.DateTimeField(null=True)),
                ("bridge", models.URLField(blank=True, max_length=500)),
                (
                    "posted_to",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), default=list, size=None
                    ),
                ),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("acknowledged_as", models.CharField(blank=True, max_length=200)),
                ("resolved_at", models.DateTimeField(null=True)),
                ("resolved_as", models.CharField(blank=True, max_length=200)),
                (
                    "acknowledged_by",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "contract_version",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plans.contractversion",
                    ),
                ),
                (
                    "holder",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "opened_by",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "resolved_by",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "ticket",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pages",
                        to="tickets.ticket",
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
            },
        ),
        migrations.CreateModel(
            name="PageLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("holder_name", models.CharField(max_length=200)),
                ("digest", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("used_for", models.CharField(blank=True, max_length=20)),
                (
                    "holder",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "page",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="escalation.page",
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
            },
        ),
        migrations.AddIndex(
            model_name="page",
            index=models.Index(
                condition=models.Q(("resolved_at__isnull", True)),
                fields=["vendor", "state", "-id"],
                name="page_unsettled",
            ),
        ),
        migrations.AddIndex(
            model_name="page",
            index=models.Index(fields=["vendor", "-id"], name="page_latest"),
        ),
        migrations.AddIndex(
            model_name="page",
            index=models.Index(fields=["vendor", "ticket", "-id"], name="page_ticket"),
        ),
        migrations.AddConstraint(
            model_name="page",
            constraint=models.UniqueConstraint(
                condition=models.Q(("resolved_at__isnull", True)),
                fields=("vendor", "ticket", "policy"),
                name="page_one_unsettled",
            ),
        ),
        migrations.AddConstraint(
            model_name="page",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("acknowledged_at__isnull", True), ("resolved_at__isnull", True), ("state", "open")),
                    models.Q(
                        ("acknowledged_at__isnull", False), ("resolved_at__isnull", True), ("state", "acknowledged")
                    ),
                    models.Q(("resolved_at__isnull", False), ("state", "resolved")),
                    _connector="OR",
                ),
                name="page_state_has_instant",
            ),
        ),
        migrations.AddConstraint(
            model_name="page",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("acknowledged_at__isnull", False),
                    models.Q(("acknowledged_as", ""), ("acknowledged_by__isnull", True)),
                    _connector="OR",
                ),
                name="page_acknowledged_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="page",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("resolved_at__isnull", False),
                    models.Q(("resolved_as", ""), ("resolved_by__isnull", True)),
                    _connector="OR",
                ),
                name="page_resolved_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="page",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "resolved"), _negated=True), ("next_at__isnull", True), _connector="OR"
                ),
                name="page_resolved_is_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="page",
            constraint=models.CheckConstraint(
                condition=models.Q(("bridge", ""), ("bridge__startswith", "https://"), _connector="OR"),
                name="page_bridge_is_https",
            ),
        ),
        migrations.AddIndex(
            model_name="pagelink",
            index=models.Index(fields=["vendor", "page"], name="pagelink_page"),
        ),
        migrations.AddConstraint(
            model_name="pagelink",
            constraint=models.UniqueConstraint(fields=("vendor", "digest"), name="pagelink_digest_once"),
        ),
        migrations.AddConstraint(
            model_name="pagelink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("used_at__isnull", True), ("used_for", "")),
                    models.Q(("used_at__isnull", False), models.Q(("used_for", ""), _negated=True)),
                    _connector="OR",
                ),
                name="pagelink_used_for_something",
            ),
        ),
        TenantTable("page"),
        TenantTable("pagelink"),
    ]
