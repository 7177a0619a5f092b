"""What is done about pages stands on timelines too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0009_reply_drafts"),
    ]

    operations = [
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
    ]
