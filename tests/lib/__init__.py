"""What every Python test shares: a real server, a private PostgreSQL, an HTTP client."""
