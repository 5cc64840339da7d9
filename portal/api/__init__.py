"""The same acts as the portal's pages, for an exporter's programs: JSON in, JSON out, one key each."""
