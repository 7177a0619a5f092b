"""Django's PostgreSQL backend for the embedded server, which it attaches to before it connects."""
