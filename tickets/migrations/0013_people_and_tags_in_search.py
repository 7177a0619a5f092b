"""Who asked and which tags a ticket has, among the words that the desk's search reads.

They stand there as the ids of rows (`§p7` for a person, `§t3` for a tag), so that a name that changes costs nothing: a search
looks the names up first. Only in `whole`, which customers' searches never ask.
"""

from django.db import migrations

KEEP = """
CREATE FUNCTION searchentry_ids(t tickets_ticket) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT array_to_tsvector(ARRAY['§p' || t.requester_id] || ARRAY(
        SELECT '§t' || tag_id FROM tickets_tickettag WHERE vendor_id = t.vendor_id AND ticket_id = t.id))
$$;

CREATE OR REPLACE FUNCTION searchentry_build(t tickets_ticket) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    words tsvector := searchentry_scope(t.vendor_id, t.organization_id)
        || setweight(to_tsvector('simple', t.number::text) || to_tsvector('english', t.subject), 'A');
    piece record;
BEGIN
    PERFORM set_config('app.search_ticket', t.id::text, true);
    DELETE FROM tickets_searchentry WHERE vendor_id = t.vendor_id AND ticket_id = t.id;
    INSERT INTO tickets_searchentry (vendor_id, ticket_id, public, whole)
        VALUES (t.vendor_id, t.id, words, words || searchentry_ids(t));
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

DROP TRIGGER searchentry ON tickets_ticket;
CREATE TRIGGER searchentry AFTER INSERT OR UPDATE OF subject, organization_id, requester_id ON tickets_ticket
    FOR EACH ROW EXECUTE FUNCTION searchentry_of_ticket();

CREATE FUNCTION searchentry_of_tag() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM set_config('app.search_ticket', OLD.ticket_id::text, true);
        UPDATE tickets_searchentry SET whole = ts_delete(whole, '§t' || OLD.tag_id)
            WHERE vendor_id = OLD.vendor_id AND ticket_id = OLD.ticket_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM set_config('app.search_ticket', NEW.ticket_id::text, true);
        UPDATE tickets_searchentry SET whole = whole || array_to_tsvector(ARRAY['§t' || NEW.tag_id])
            WHERE vendor_id = NEW.vendor_id AND ticket_id = NEW.ticket_id;
    END IF;
    PERFORM set_config('app.search_ticket', '', true);
    RETURN NULL;
END $$;
CREATE TRIGGER searchentry AFTER INSERT OR DELETE OR UPDATE OF tag_id ON tickets_tickettag
    FOR EACH ROW EXECUTE FUNCTION searchentry_of_tag();
"""

BUILD = """
SELECT set_config('app.vendor', '*', true);
SELECT searchentry_build(t) FROM tickets_ticket t;
SELECT set_config('app.vendor', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0012_queue")]

    operations = [migrations.RunSQL(KEEP, migrations.RunSQL.noop), migrations.RunSQL(BUILD, migrations.RunSQL.noop)]
