"""What the desk's queue stands on: its order as an index, tags, saved views, and changes to many tickets at once."""

import django.db.models.deletion
from django.db import migrations, models

import supportdesk.tenancy.models
import supportdesk.tenancy.operations

# The order has one direction and no null, so that one comparison of rows, `(a, b, c, d) > (…)`, says where a page begins and
# the index starts there. A minus in the comparison would not do: under row-level security only leakproof functions may
# drive an index. Hence a column that the database keeps.
ORDER = """
ALTER TABLE tickets_ticket ADD COLUMN plan_order smallint NOT NULL GENERATED ALWAYS AS (-plan_rank) STORED;
CREATE INDEX ticket_queue ON tickets_ticket (
    vendor_id, COALESCE(next_due_at, 'infinity'::timestamptz), COALESCE(unanswered_since, 'infinity'::timestamptz),
    plan_order, id
) WHERE state <> 'resolved';
"""
NO_ORDER = """
DROP INDEX ticket_queue;
ALTER TABLE tickets_ticket DROP COLUMN plan_order;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_projects_seen"),
        ("plans", "0001_initial"),
        ("tickets", "0011_presence_and_mentions"),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "change",
                    models.CharField(
                        choices=[
                            ("assign", "Assign"),
                            ("team", "Move to a group"),
                            ("state", "Set the status"),
                            ("severity", "Set the severity"),
                            ("tag", "Add a tag"),
                            ("untag", "Remove a tag"),
                            ("merge", "Merge"),
                        ],
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="BulkItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("before", models.JSONField(null=True)),
                ("last_event", models.BigIntegerField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="RailOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order", models.JSONField(default=list)),
                ("hidden", models.JSONField(default=list)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("query", models.CharField(max_length=2000)),
                (
                    "sharing",
                    models.CharField(
                        choices=[("person", "Only me"), ("team", "A group"), ("everyone", "Everyone at the desk")],
                        default="person",
                        max_length=8,
                        verbose_name="who sees it",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                ("slug", models.SlugField(allow_unicode=True, max_length=63)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="TicketTag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "Opened"),
                    ("customer_replied", "Customer Replied"),
                    ("replied", "Replied"),
                    ("noted", "Noted"),
                    ("auto_replied", "Auto Replied"),
                    ("call_logged", "Call Logged"),
                    ("assigned", "Assigned"),
                    ("team_changed", "Team Changed"),
                    ("priority_changed", "Priority Changed"),
                    ("severity_changed", "Severity Changed"),
                    ("category_changed", "Category Changed"),
                    ("plan_changed", "Plan Changed"),
                    ("status_changed", "Status Changed"),
                    ("update_promised", "Update Promised"),
                    ("no_reply_needed", "No Reply Needed"),
                    ("resolved", "Resolved"),
                    ("reopened", "Reopened"),
                    ("merged", "Merged"),
                    ("unmerged", "Unmerged"),
                    ("split", "Split"),
                    ("linked", "Linked"),
                    ("unlinked", "Unlinked"),
                    ("scope_decided", "Scope Decided"),
                    ("fee_answered", "Fee Answered"),
                    ("issue_added", "Issue Added"),
                    ("issue_changed", "Issue Changed"),
                    ("issue_removed", "Issue Removed"),
                    ("time_logged", "Time Logged"),
                    ("delivery_requested", "Delivery Requested"),
                    ("delivered", "Delivered"),
                    ("callback_requested", "Callback Requested"),
                    ("callback_cancelled", "Callback Cancelled"),
                    ("callback_scheduled", "Callback Scheduled"),
                    ("callback_claimed", "Callback Claimed"),
                    ("conference_added", "Conference Added"),
                    ("conference_ended", "Conference Ended"),
                    ("follower_added", "Follower Added"),
                    ("follower_removed", "Follower Removed"),
                    ("priority_requested", "Priority Requested"),
                    ("priority_declined", "Priority Declined"),
                    ("escalated", "Escalated"),
                    ("followed_up", "Followed Up"),
                    ("rated", "Rated"),
                    ("tagged", "Tagged"),
                    ("untagged", "Untagged"),
                    ("sla.warning", "Sla Warning"),
                    ("sla.breached", "Sla Breached"),
                    ("page.opened", "Page Opened"),
                    ("page.step", "Page Step"),
                    ("page.acknowledged", "Page Acknowledged"),
                    ("page.resumed", "Page Resumed"),
                    ("page.handed", "Page Handed"),
                    ("page.noted", "Page Noted"),
                    ("page.bridged", "Page Bridged"),
                    ("page.resolved", "Page Resolved"),
                ],
                max_length=20,
            ),
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="ticket_open_by_due",
        ),
        migrations.AddField(
            model_name="ticket",
            name="next_warn_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("next_warn_at__isnull", False)),
                fields=["vendor", "next_warn_at", "next_due_at"],
                name="ticket_at_risk",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["vendor", "-updated_at", "-id"], name="ticket_updated"),
        ),
        migrations.AddField(
            model_name="bulkchange",
            name="by",
            field=supportdesk.tenancy.models.VendorForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
            ),
        ),
        migrations.AddField(
            model_name="bulkchange",
            name="vendor",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.vendor"
            ),
        ),
        migrations.AddField(
            model_name="bulkitem",
            name="bulk",
            field=supportdesk.tenancy.models.VendorForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="items",
                to="tickets.bulkchange",
            ),
        ),
        migrations.AddField(
            model_name="bulkitem",
            name="ticket",
            field=supportdesk.tenancy.models.VendorForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tickets.ticket"
            ),
        ),
        migrations.AddField(
            model_name="bulkitem",
            name="vendor",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.vendor"
            ),
        ),
        migrations.AddField(
            model_name="railorder",
            name="person",
            field=supportdesk.tenancy.models.VendorForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rail_orders",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="railorder",
            name="vendor",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.vendor"
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="owner",
            field=supportdesk.tenancy.models.VendorForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="saved_views",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="team",
            field=supportdesk.tenancy.models.VendorForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.team",
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="vendor",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.vendor"
            ),
        ),
        migrations.AddField(
            model_name="tag",
            name="vendor",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.vendor"
            ),
        ),
        migrations.AddField(
            model_name="tickettag",
            name="by",
            field=supportdesk.tenancy.models.VendorForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="tickettag",
            name="tag",
            field=supportdesk.tenancy.models.VendorForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="tagged", to="tickets.tag"
            ),
        ),
        migrations.AddField(
            model_name="tickettag",
            name="ticket",
            field=supportdesk.tenancy.models.VendorForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="tagged", to="tickets.ticket"
            ),
        ),
        migrations.AddField(
            model_name="tickettag",
            name="vendor",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.vendor"
            ),
        ),
        migrations.AddIndex(
            model_name="bulkchange",
            index=models.Index(fields=["vendor", "by", "-at"], name="bulkchange_by"),
        ),
        migrations.AddIndex(
            model_name="bulkitem",
            index=models.Index(fields=["vendor", "ticket"], name="bulkitem_ticket"),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.UniqueConstraint(fields=("vendor", "bulk", "ticket"), name="bulkitem_once"),
        ),
        migrations.AddConstraint(
            model_name="railorder",
            constraint=models.UniqueConstraint(fields=("vendor", "person"), name="railorder_once"),
        ),
        migrations.AddIndex(
            model_name="savedview",
            index=models.Index(fields=["vendor", "owner"], name="savedview_owner"),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("name", ""), _negated=True), models.Q(("query", ""), _negated=True)),
                name="savedview_says_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sharing", "team"), ("team__isnull", False)),
                    models.Q(models.Q(("sharing", "team"), _negated=True), ("team__isnull", True)),
                    _connector="OR",
                ),
                name="savedview_team_when_shared_with_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(fields=("vendor", "slug"), name="tag_slug_once"),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("name", ""), _negated=True), models.Q(("slug", ""), _negated=True)),
                name="tag_is_named",
            ),
        ),
        migrations.AddIndex(
            model_name="tickettag",
            index=models.Index(fields=["vendor", "tag", "ticket"], name="tickettag_tag"),
        ),
        migrations.AddConstraint(
            model_name="tickettag",
            constraint=models.UniqueConstraint(fields=("vendor", "ticket", "tag"), name="tickettag_once"),
        ),
        supportdesk.tenancy.operations.TenantTable("tag"),
        supportdesk.tenancy.operations.TenantTable("tickettag"),
        supportdesk.tenancy.operations.TenantTable("savedview"),
        supportdesk.tenancy.operations.TenantTable("railorder"),
        supportdesk.tenancy.operations.TenantTable("bulkchange"),
        supportdesk.tenancy.operations.TenantTable("bulkitem"),
        migrations.RunSQL(ORDER, NO_ORDER),
    ]
