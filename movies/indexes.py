from typing import Any

from django.db import models


class NullsLastIndex(models.Index):
    """An index for lists that show null values last.

    SQLite rejects NULLS LAST in an index, and uses an index without it for such lists.
    """

    def create_sql(self, model, schema_editor, using="", **kwargs):
        if schema_editor.connection.vendor != "sqlite":
            return super().create_sql(model, schema_editor, using, **kwargs)
        plain = models.Index(*map(without_nulls_last, self.expressions), name=self.name)
        return plain.create_sql(model, schema_editor, using, **kwargs)


def without_nulls_last(column: Any) -> Any:
    column = column.copy()
    column.nulls_last = None
    return column
