"""The latest words of a small vendor are found beside those of a large one; the queue by subject begins in an index."""

import django.db.models.functions.text
from django.db import migrations, models

import plans.states


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_sound"),
        ("plans", "0002_ordered_hours"),
        ("tickets", "0017_queue_order_by_case"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="searchentry",
            name="searchentry_once",
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.F("vendor"),
                django.db.models.functions.text.Lower("subject"),
                models.F("id"),
                condition=models.Q(("state", plans.states.State["RESOLVED"]), _negated=True),
                name="ticket_subject",
            ),
        ),
        migrations.AddConstraint(
            model_name="searchentry",
            constraint=models.UniqueConstraint(fields=("vendor", "ticket"), name="searchentry_once"),
        ),
    ]
