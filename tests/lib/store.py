"""A look into the database beside the running program: what its doors do not show."""
import contextlib
import sqlite3
import uuid


class Store:
    """store.rows("SELECT count(*) FROM session WHERE user_id = %s", id): one dialect, ids as text."""

    def __init__(self, server, postgres=None):
        self.url = server.settings.get("database_url")
        self.path = server.data_dir / "plantao.db"
        self.postgres = postgres

    @contextlib.contextmanager
    def _connection(self):
        if self.url and self.url.startswith("postgresql:"):
            connection = self.postgres.connect(self.url)
        else:
            connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        try:
            yield connection
        finally:
            connection.close()

    def _run(self, text, values):
        values = tuple(v.bytes if isinstance(v, uuid.UUID) else v for v in values)
        with self._connection() as connection:
            if isinstance(connection, sqlite3.Connection):
                cursor = connection.execute(text.replace("%s", "?"), values)
            else:
                cursor = connection.cursor()
                cursor.execute(text, values)
            names = [d[0] for d in cursor.description or ()]
            return [dict(zip(names, map(_plain, row))) for row in cursor.fetchall()] if names else []

    def rows(self, text, *values):
        return self._run(text, values)

    def change(self, text, *values):
        self._run(text, values)

    def audit(self, request_id):
        """The trail's entries of one request, whoever's tenant they are in."""
        return self.rows("SELECT * FROM audit_entry WHERE request_id = %s ORDER BY seq", request_id)


def _plain(value):
    value = bytes(value) if isinstance(value, memoryview) else value
    return str(uuid.UUID(bytes=value)) if isinstance(value, bytes) and len(value) == 16 else value
