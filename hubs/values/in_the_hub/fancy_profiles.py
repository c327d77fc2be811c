from jupyterhub_fancy_profiles import setup_ui
setup_ui(c)
