"""The hub's own page, locally: the real JupyterHub, KubeSpawner and fancy-profiles, fed with a release's values."""
