"""The embedded stack: every server the platform needs, real ones, started and supervised by one process."""
