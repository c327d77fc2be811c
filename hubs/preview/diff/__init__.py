"""Compare two revisions of the config and the program without an engine, and report the differences."""
