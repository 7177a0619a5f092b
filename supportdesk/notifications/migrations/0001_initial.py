import django.db.models.deletion
from django.db import migrations, models

import supportdesk.tenancy.models
from supportdesk.tenancy import operations as walls


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor_slug", models.CharField(blank=True, default="", max_length=63)),
                ("message_id", models.CharField(max_length=300)),
                ("sender", models.CharField(max_length=300)),
                ("recipients", models.TextField()),
                ("subject", models.TextField()),
                ("text", models.TextField()),
                ("html", models.TextField(blank=True, default="")),
                ("headers", models.JSONField(default=dict)),
                ("sent_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-sent_at", "-id"], name="keptmail_latest"),
                    models.Index(fields=["vendor_slug", "-sent_at", "-id"], name="keptmail_vendor"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(max_length=30)),
                ("address", models.CharField(max_length=500)),
                ("key", models.CharField(max_length=300)),
                ("kind", models.CharField(max_length=60)),
                ("ticket_number", models.BigIntegerField(null=True)),
                ("subject", models.CharField(max_length=300)),
                ("body", models.TextField(blank=True)),
                ("path", models.CharField(blank=True, max_length=500)),
                ("headers", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting"),
                            ("sending", "Being sent"),
                            ("sent", "Sent"),
                            ("dead", "Given up"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("last_error", models.TextField(blank=True, default="")),
                ("reference", models.CharField(blank=True, default="", max_length=300)),
                ("queued_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "membership",
                    supportdesk.tenancy.models.VendorForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
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
                "indexes": [
                    models.Index(condition=models.Q(("state", "dead")), fields=["vendor", "-id"], name="delivery_dead"),
                    models.Index(fields=["vendor", "membership"], name="delivery_person"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("vendor", "channel", "key"), name="delivery_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("state", "sent")),
                            models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="delivery_sent_has_instant",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=60)),
                ("title", models.CharField(max_length=300)),
                ("body", models.TextField(blank=True)),
                ("path", models.CharField(max_length=500)),
                ("ticket_number", models.BigIntegerField(null=True)),
                ("at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "membership",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
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
                "indexes": [
                    models.Index(fields=["vendor", "membership", "-id"], name="notice_inbox"),
                    models.Index(
                        condition=models.Q(("read_at__isnull", True)),
                        fields=["vendor", "membership"],
                        name="notice_unread",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("vendor", "membership", "key"), name="notice_once")],
            },
        ),
        walls.TenantTable("delivery"),
        walls.TenantTable("notice"),
    ]
