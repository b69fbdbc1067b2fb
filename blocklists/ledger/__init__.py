"""The one database: what was seen, judged, decided and published; append-only where it counts."""
