"""How long previews take, against what can't be done without."""
