"""Rotas, what changes a shift, time off, calendar feeds and assignment rules."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

import supportdesk.accounts.models.vendor
import supportdesk.tenancy.models
import supportdesk.tenancy.operations


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0003_skills"),
        ("plans", "0001_initial"),  # its extension serves the exclusion constraint here
    ]

    operations = [
        migrations.CreateModel(
            name="Rota",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("slug", models.SlugField(max_length=63)),
                (
                    "zone",
                    models.CharField(
                        default="UTC",
                        max_length=64,
                        validators=[supportdesk.accounts.models.vendor.check_zone],
                        verbose_name="time zone",
                    ),
                ),
                ("notice_minutes", models.PositiveIntegerField(default=60)),
                ("made_at", models.DateTimeField()),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                (
                    "fallback_person",
                    supportdesk.tenancy.models.VendorForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "fallback_team",
                    supportdesk.tenancy.models.VendorForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.team",
                    ),
                ),
                (
                    "made_by",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "team",
                    supportdesk.tenancy.models.VendorForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="rotas",
                        to="accounts.team",
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
            name="Override",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("layer_key", models.PositiveSmallIntegerField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("made_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "made_by",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "person",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
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
                (
                    "withdrawn_by",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "rota",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="overrides",
                        to="escalation.rota",
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
            name="Feed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "person",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="feeds",
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
                (
                    "rota",
                    supportdesk.tenancy.models.VendorForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="feeds",
                        to="escalation.rota",
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
            name="RotaVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("effective_at", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "made_by",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "rota",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="escalation.rota",
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
            name="Layer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.PositiveSmallIntegerField()),
                ("position", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                (
                    "zone",
                    models.CharField(
                        max_length=64,
                        validators=[supportdesk.accounts.models.vendor.check_zone],
                        verbose_name="time zone",
                    ),
                ),
                ("starts_on", models.DateField()),
                ("hands_over_at", models.TimeField()),
                ("length", models.PositiveSmallIntegerField()),
                (
                    "unit",
                    models.CharField(choices=[("hours", "hours"), ("days", "days"), ("weeks", "weeks")], max_length=5),
                ),
                ("week", models.JSONField(blank=True, null=True)),
                (
                    "vendor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.vendor",
                    ),
                ),
                (
                    "version",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="layers",
                        to="escalation.rotaversion",
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
            name="Swap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("layer_key", models.PositiveSmallIntegerField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("note", models.CharField(blank=True, max_length=200)),
                ("asked_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waiting for an answer"),
                            ("taken", "Taken"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                            ("returned", "Given back"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("taken_at", models.DateTimeField(blank=True, null=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("answer", models.CharField(blank=True, max_length=200)),
                (
                    "asked",
                    supportdesk.tenancy.models.VendorForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "giver",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "rota",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="swaps",
                        to="escalation.rota",
                    ),
                ),
                (
                    "taker",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
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
            },
        ),
        migrations.CreateModel(
            name="TimeOff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("note", models.CharField(blank=True, max_length=200)),
                ("uid", models.CharField(blank=True, max_length=255)),
                ("batch", models.UUIDField(blank=True, null=True)),
                ("told_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "person",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="time_off",
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
            },
        ),
        migrations.CreateModel(
            name="AssignmentRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("none", "Nobody: agents take tickets themselves"),
                            ("round_robin", "In turn"),
                            ("least_loaded", "Whoever has the fewest open tickets"),
                        ],
                        default="none",
                        max_length=12,
                    ),
                ),
                ("only_on_shift", models.BooleanField(default=False)),
                ("minimum_tier", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "skills",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
                ("changed_at", models.DateTimeField()),
                (
                    "last_person",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "team",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignment_rules",
                        to="accounts.team",
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
                    models.UniqueConstraint(fields=("vendor", "team"), name="assignmentrule_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("minimum_tier__isnull", True), ("minimum_tier__range", (1, 3)), _connector="OR"
                        ),
                        name="assignmentrule_tier_1_to_3",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("method__in", ["none", "round_robin", "least_loaded"])),
                        name="assignmentrule_method_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Participant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "layer",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="participants",
                        to="escalation.layer",
                    ),
                ),
                (
                    "person",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
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
                "indexes": [models.Index(fields=["vendor", "person"], name="participant_person")],
                "constraints": [
                    models.UniqueConstraint(fields=("vendor", "layer", "position"), name="participant_place_once")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="rota",
            constraint=models.UniqueConstraint(fields=("vendor", "slug"), name="rota_slug_once"),
        ),
        migrations.AddConstraint(
            model_name="rota",
            constraint=models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="rota_named"),
        ),
        migrations.AddConstraint(
            model_name="rota",
            constraint=models.CheckConstraint(
                condition=models.Q(("notice_minutes__lte", 10080)), name="rota_notice_within_a_week"
            ),
        ),
        migrations.AddIndex(
            model_name="override",
            index=models.Index(fields=["vendor", "rota", "ends_at"], name="override_ahead"),
        ),
        migrations.AddConstraint(
            model_name="override",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="override_lasts"
            ),
        ),
        migrations.AddConstraint(
            model_name="override",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("made_at"))), name="override_leaves_the_past"
            ),
        ),
        migrations.AddConstraint(
            model_name="feed",
            constraint=models.UniqueConstraint(fields=("vendor", "digest"), name="feed_digest_once"),
        ),
        migrations.AddConstraint(
            model_name="feed",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at__isnull", True)),
                fields=("vendor", "person", "rota"),
                name="feed_one_at_a_time",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="rotaversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)),
                fields=("vendor", "rota", "effective_at"),
                name="rotaversion_one_at_an_instant",
            ),
        ),
        migrations.AddConstraint(
            model_name="rotaversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("effective_at__gte", models.F("made_at"))), name="rotaversion_leaves_the_past"
            ),
        ),
        migrations.AddConstraint(
            model_name="rotaversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("withdrawn_at__isnull", True), ("withdrawn_at__lt", models.F("effective_at")), _connector="OR"
                ),
                name="rotaversion_withdrawn_before_it_holds",
            ),
        ),
        migrations.AddConstraint(
            model_name="layer",
            constraint=models.UniqueConstraint(fields=("vendor", "version", "key"), name="layer_key_once"),
        ),
        migrations.AddConstraint(
            model_name="layer",
            constraint=models.UniqueConstraint(fields=("vendor", "version", "position"), name="layer_position_once"),
        ),
        migrations.AddConstraint(
            model_name="layer",
            constraint=models.CheckConstraint(condition=models.Q(("length__range", (1, 999))), name="layer_turns_last"),
        ),
        migrations.AddConstraint(
            model_name="layer",
            constraint=models.CheckConstraint(
                condition=models.Q(("unit__in", ["hours", "days", "weeks"])), name="layer_unit_known"
            ),
        ),
        migrations.AddIndex(
            model_name="swap",
            index=models.Index(fields=["vendor", "rota", "ends_at"], name="swap_ahead"),
        ),
        migrations.AddIndex(
            model_name="swap",
            index=models.Index(fields=["vendor", "state", "ends_at"], name="swap_waiting"),
        ),
        migrations.AddConstraint(
            model_name="swap",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="swap_lasts"
            ),
        ),
        migrations.AddConstraint(
            model_name="swap",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("taker__isnull", True), models.Q(("taker", models.F("giver")), _negated=True), _connector="OR"
                ),
                name="swap_taken_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="swap",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("asked__isnull", True), models.Q(("asked", models.F("giver")), _negated=True), _connector="OR"
                ),
                name="swap_asked_of_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="swap",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state__in", ["taken", "returned"]), ("taken_at__isnull", False), ("taker__isnull", False)
                    ),
                    models.Q(
                        models.Q(("state__in", ["taken", "returned"]), _negated=True),
                        ("taken_at__isnull", True),
                        ("taker__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="swap_taken_has_taker",
            ),
        ),
        migrations.AddConstraint(
            model_name="swap",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state__in", ["open", "taken"])),
                expressions=[
                    (models.F("vendor"), "="),
                    (models.F("rota"), "="),
                    (models.F("layer_key"), "="),
                    (models.F("giver"), "="),
                    (
                        models.Func(
                            "starts_at",
                            "ends_at",
                            function="tstzrange",
                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="swap_one_at_a_time",
            ),
        ),
        migrations.AddIndex(
            model_name="timeoff",
            index=models.Index(fields=["vendor", "ends_at"], name="timeoff_ahead"),
        ),
        migrations.AddConstraint(
            model_name="timeoff",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="timeoff_lasts"
            ),
        ),
        migrations.AddConstraint(
            model_name="timeoff",
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(("uid", ""), _negated=True), ("withdrawn_at__isnull", True)),
                fields=("vendor", "person", "uid"),
                name="timeoff_uid_once",
            ),
        ),
        supportdesk.tenancy.operations.TenantTable("rota"),
        supportdesk.tenancy.operations.TenantTable("override"),
        supportdesk.tenancy.operations.TenantTable("feed"),
        supportdesk.tenancy.operations.TenantTable("rotaversion"),
        supportdesk.tenancy.operations.TenantTable("layer"),
        supportdesk.tenancy.operations.TenantTable("swap"),
        supportdesk.tenancy.operations.TenantTable("timeoff"),
        supportdesk.tenancy.operations.TenantTable("assignmentrule"),
        supportdesk.tenancy.operations.TenantTable("participant"),
        supportdesk.tenancy.operations.AppendOnly("layer"),
        supportdesk.tenancy.operations.AppendOnly("participant"),
    ]
