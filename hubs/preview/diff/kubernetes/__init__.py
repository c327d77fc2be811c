"""Judge the objects of a hub in the cluster: what changes for people and for security when they are applied."""
