"""Run a hub's own page locally: the real JupyterHub, KubeSpawner and fancy-profiles with a release's values."""
