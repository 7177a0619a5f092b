import django.db.models.deletion
from django.db import migrations, models

from supportdesk.tenancy import operations as walls


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE timers_epoch", "DROP SEQUENCE timers_epoch"),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("worker", models.CharField(max_length=200, unique=True)),
                ("started_at", models.DateTimeField()),
                ("beat_at", models.DateTimeField()),
                ("fired", models.BigIntegerField(default=0)),
                ("late_p50", models.FloatField(null=True)),
                ("late_p99", models.FloatField(null=True)),
                ("late_max", models.FloatField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Timer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=60)),
                ("subject_id", models.BigIntegerField()),
                ("epoch", models.BigIntegerField()),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("last_error", models.TextField(blank=True, default="")),
                ("quarantined_at", models.DateTimeField(null=True)),
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
                    models.Index(
                        condition=models.Q(("due_at__isnull", False), ("quarantined_at__isnull", True)),
                        fields=["due_at", "id"],
                        name="timer_due",
                    ),
                    models.Index(
                        condition=models.Q(("quarantined_at__isnull", False)),
                        fields=["vendor", "quarantined_at"],
                        name="timer_quarantine",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("vendor", "kind", "subject_id"), name="timer_once")],
            },
        ),
        walls.TenantTable("timer"),
    ]
