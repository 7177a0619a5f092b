"""The words of tickets, kept by triggers, behind a policy that an index can serve."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

import supportdesk.tenancy.models
from supportdesk.tenancy import operations

# docs/decisions/searching-tickets.md says why the search stands in the policy.
WALL = "(vendor_id::text = current_setting('app.vendor', true) OR current_setting('app.vendor', true) = '*')"
ASKED = """(public @@ current_setting('app.search_public', true)::tsquery
    OR whole @@ current_setting('app.search_whole', true)::tsquery
    OR ticket_id = NULLIF(current_setting('app.search_ticket', true), '')::bigint)"""
POLICY = f"""
DROP POLICY vendor_wall ON tickets_searchentry;
CREATE POLICY vendor_wall ON tickets_searchentry USING ({WALL} AND {ASKED}) WITH CHECK ({WALL});
"""

# Named before TenantTable makes its own: it goes with its ticket, whoever removes that.
FOREIGN_KEY = """
ALTER TABLE tickets_searchentry ADD CONSTRAINT tickets_searchentry_ticket_id_same_vendor
    FOREIGN KEY (vendor_id, ticket_id) REFERENCES tickets_ticket (vendor_id, id)
    ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""

# A tsvector ends at 1 MB. A ticket that says more than that stays findable by what it said before.
KEEP = """
CREATE FUNCTION searchentry_scope(vendor bigint, organization bigint) RETURNS tsvector
LANGUAGE sql IMMUTABLE AS $$ SELECT array_to_tsvector(ARRAY['§v' || vendor, '§o' || organization]) $$;

CREATE FUNCTION searchentry_add(vendor bigint, ticket bigint, words tsvector, is_note boolean) RETURNS void
LANGUAGE plpgsql AS $$ BEGIN
    PERFORM set_config('app.search_ticket', ticket::text, true);
    UPDATE tickets_searchentry SET public = CASE WHEN is_note THEN public ELSE public || words END, whole = whole || words
        WHERE vendor_id = vendor AND ticket_id = ticket;
    PERFORM set_config('app.search_ticket', '', true);
EXCEPTION WHEN program_limit_exceeded THEN NULL;
END $$;

CREATE FUNCTION searchentry_build(t tickets_ticket) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    words tsvector := searchentry_scope(t.vendor_id, t.organization_id)
        || setweight(to_tsvector('simple', t.number::text) || to_tsvector('english', t.subject), 'A');
    piece record;
BEGIN
    PERFORM set_config('app.search_ticket', t.id::text, true);
    DELETE FROM tickets_searchentry WHERE vendor_id = t.vendor_id AND ticket_id = t.id;
    INSERT INTO tickets_searchentry (vendor_id, ticket_id, public, whole) VALUES (t.vendor_id, t.id, words, words);
    FOR piece IN SELECT body, kind FROM tickets_message WHERE vendor_id = t.vendor_id AND ticket_id = t.id ORDER BY id LOOP
        PERFORM searchentry_add(t.vendor_id, t.id, to_tsvector('english', piece.body), piece.kind = 'note');
    END LOOP;
    FOR piece IN SELECT a.name, m.kind FROM tickets_attachment a
        JOIN tickets_message m ON m.vendor_id = a.vendor_id AND m.id = a.message_id
        WHERE a.vendor_id = t.vendor_id AND a.ticket_id = t.id LOOP
        PERFORM searchentry_add(t.vendor_id, t.id, searchentry_file(piece.name), piece.kind = 'note');
    END LOOP;
    PERFORM set_config('app.search_ticket', '', true);
END $$;

CREATE FUNCTION searchentry_file(name text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
    SELECT setweight(to_tsvector('english', name) || to_tsvector('english', regexp_replace(name, '[^[:alnum:]]+', ' ', 'g')), 'B')
$$;

CREATE FUNCTION searchentry_of_ticket() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM searchentry_build(NEW);
    RETURN NULL;
END $$;
CREATE TRIGGER searchentry AFTER INSERT OR UPDATE OF subject, organization_id ON tickets_ticket
    FOR EACH ROW EXECUTE FUNCTION searchentry_of_ticket();

CREATE FUNCTION searchentry_of_message() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM searchentry_add(NEW.vendor_id, NEW.ticket_id, to_tsvector('english', NEW.body), NEW.kind = 'note');
    RETURN NULL;
END $$;
CREATE TRIGGER searchentry AFTER INSERT ON tickets_message
    FOR EACH ROW EXECUTE FUNCTION searchentry_of_message();

CREATE FUNCTION searchentry_of_attachment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM searchentry_add(NEW.vendor_id, NEW.ticket_id, searchentry_file(NEW.name),
        (SELECT kind = 'note' FROM tickets_message WHERE vendor_id = NEW.vendor_id AND id = NEW.message_id));
    RETURN NULL;
END $$;
CREATE TRIGGER searchentry AFTER INSERT ON tickets_attachment
    FOR EACH ROW EXECUTE FUNCTION searchentry_of_attachment();
"""

FORGET = """
DROP TRIGGER searchentry ON tickets_attachment;
DROP TRIGGER searchentry ON tickets_message;
DROP TRIGGER searchentry ON tickets_ticket;
DROP FUNCTION searchentry_of_attachment, searchentry_of_message, searchentry_of_ticket, searchentry_build,
    searchentry_file, searchentry_add, searchentry_scope;
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0005_drafts")]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public", django.contrib.postgres.search.SearchVectorField()),
                ("whole", django.contrib.postgres.search.SearchVectorField()),
                (
                    "ticket",
                    supportdesk.tenancy.models.VendorForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
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
                "constraints": [models.UniqueConstraint(fields=("ticket",), name="searchentry_once")],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["public"], name="searchentry_public"
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["whole"], name="searchentry_whole"
                    ),
                ],
            },
        ),
        migrations.RunSQL(FOREIGN_KEY, migrations.RunSQL.noop),
        operations.TenantTable("searchentry"),
        migrations.RunSQL(POLICY, migrations.RunSQL.noop),
        migrations.RunSQL(KEEP, FORGET),
    ]
