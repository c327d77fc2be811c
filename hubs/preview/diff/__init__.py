"""What changes between two revisions of the config and the program: compared without an engine, and reported."""
