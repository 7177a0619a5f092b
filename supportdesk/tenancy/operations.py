"""Migration operations that put up the database's own walls."""

from __future__ import annotations

from typing import Any

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from supportdesk.tenancy.models import VendorForeignKey

POLICY = "vendor_wall"
# The setting is compared as text: '*' or '' cast to a number would raise, not read false.
CONDITION = "vendor_id::text = current_setting('app.vendor', true) OR current_setting('app.vendor', true) = '*'"


class TenantTable(Operation):
    """Row-level security, forced on the owner too; and composite foreign keys for each VendorForeignKey.

    Idempotent: name it again in the migration that adds a VendorForeignKey.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.model_name], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The walls are the database's; models look the same with and without."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        apps: Apps = to_state.apps
        model = apps.get_model(app_label, self.model_name)
        table = model._meta.db_table
        schema_editor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY')
        schema_editor.execute(f'DROP POLICY IF EXISTS {POLICY} ON "{table}"')
        schema_editor.execute(f'CREATE POLICY {POLICY} ON "{table}" USING ({CONDITION}) WITH CHECK ({CONDITION})')
        self._add(schema_editor, table, f"{table}_vendor_id_id", "UNIQUE (vendor_id, id)")
        for field in model._meta.local_fields:
            if isinstance(field, VendorForeignKey):
                target = field.related_model._meta.db_table
                self._add(schema_editor, target, f"{target}_vendor_id_id", "UNIQUE (vendor_id, id)")
                self._add(
                    schema_editor,
                    table,
                    f"{table}_{field.column}_same_vendor"[:63],
                    f'FOREIGN KEY (vendor_id, "{field.column}") REFERENCES "{target}" (vendor_id, id) '
                    "DEFERRABLE INITIALLY DEFERRED",
                )

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        schema_editor.execute(f'DROP POLICY IF EXISTS {POLICY} ON "{table}"')
        schema_editor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY')

    def describe(self) -> str:
        return f"Wall off {self.model_name} by vendor"

    @staticmethod
    def _add(schema_editor: BaseDatabaseSchemaEditor, table: str, name: str, definition: str) -> None:
        schema_editor.execute(
            f"""DO $$ BEGIN
                IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = '{name}'
                               AND conrelid = '"{table}"'::regclass) THEN
                    ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition};
                END IF;
            END $$""",  # noqa: S608 (names from our own models)
            params=None,
        )


class AppendOnly(Operation):
    """A trigger that refuses UPDATE and DELETE: what was recorded stays as it was recorded.

    Removing a whole vendor is the one exception, made aloud by ``SET LOCAL app.erase = 'on'``.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.model_name], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The trigger is the database's."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
        schema_editor.execute(
            """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF current_setting('app.erase', true) = 'on' THEN RETURN COALESCE(OLD, NEW); END IF;
                RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
            END $$""",
            params=None,
        )
        schema_editor.execute(
            f'CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        schema_editor.execute(f'DROP TRIGGER IF EXISTS append_only ON "{table}"')

    def describe(self) -> str:
        return f"Make {self.model_name} append-only"
