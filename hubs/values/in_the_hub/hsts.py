# Browsers that have seen the hub once use HTTPS only (RFC 6797). Sent by the hub, because each ingress controller has
# its own way, if any. People see a page of the hub before their server.
def _hsts(earlier):
    headers = {"Strict-Transport-Security": "max-age=31536000", **(earlier.get("headers") or {})}
    return {**earlier, "headers": headers}


c.JupyterHub.tornado_settings = _hsts(c.JupyterHub.get("tornado_settings") or {})
