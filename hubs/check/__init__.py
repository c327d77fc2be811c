"""Check before an update that it can succeed, and after it that the hubs work. Checks only read."""
