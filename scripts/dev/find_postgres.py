"""Print the DATABASE_URL of a local PostgreSQL server on which tests can create databases."""

import getpass

import psycopg2

NAME = "rottenpotatoes"
SOCKETS = ("/var/run/postgresql", "/tmp")  # Debian's, and the upstream default
CAN_CREATE_DATABASES = "SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user"


def candidates() -> list[tuple[str, dict[str, str]]]:
    by_socket = [(f"postgres:///{folder}/{NAME}", {"host": folder}) for folder in SOCKETS]
    by_port = [
        (f"postgres://{user}@127.0.0.1:5432/{NAME}", {"host": "127.0.0.1", "user": user})
        for user in dict.fromkeys((getpass.getuser(), "postgres"))
    ]
    return by_port + by_socket


def find() -> str | None:
    for url, address in candidates():
        try:
            connection = psycopg2.connect(dbname="postgres", connect_timeout=2, **address)
        except psycopg2.OperationalError:
            continue
        with connection.cursor() as cursor:
            cursor.execute(CAN_CREATE_DATABASES)
            allowed = cursor.fetchone()
        connection.close()
        if allowed and allowed[0]:
            return url
    return None


if __name__ == "__main__":
    print(find() or "")
