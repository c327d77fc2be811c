"""The local demonstration login, which replaces the community's login."""

from __future__ import annotations

from html import escape
from typing import Any

from jupyterhub.auth import Authenticator
from traitlets import List, Unicode

_FORM = """
<form action="{{ authenticator_login_url }}" method="post" role="form">
  <div class="auth-form-header"><h1>Demonstration login</h1></div>
  <div class="auth-form-body m-auto">
    <p>This hub runs on your own machine and accepts any user name. On the deployed hub, people log in
       <b>%(login)s</b>.</p>
    {%% if login_error %%}<p class="login_error">{{ login_error }}</p>{%% endif %%}
    <input type="hidden" name="_xsrf" value="{{ xsrf }}" />
    <label for="username_input">User name:</label>
    <input id="username_input" type="text" autocapitalize="off" autocorrect="off" class="form-control" name="username"
           value="{{ username or 'demo' }}" autofocus="autofocus" />
    %(admins)s
    %(groups)s
    <div class="feedback-container">
      <input id="login_submit" type="submit" class="btn btn-jupyter form-control" value="Log in" />
      <div class="feedback-widget hidden"><i class="fa fa-spinner"></i></div>
    </div>
  </div>
</form>
"""
_GROUP = """
<div class="form-check">
  <input class="form-check-input" type="checkbox" id="group-%(n)d" name="group:%(name)s" />
  <label class="form-check-label" for="group-%(n)d">%(name)s</label>
</div>
"""


class DemonstrationAuthenticator(Authenticator):  # type: ignore[misc]
    """Accepts everyone, under any name, as a member of any of the groups in the hub's configuration."""

    login = Unicode(config=True, help="How people log in to the deployed hub, such as `with GitHub`.")
    groups = List(Unicode(), config=True, help="Groups to choose from.")
    admin_groups = List(Unicode(), config=True, help="Groups whose members are administrators.")

    def get_custom_html(self, base_url: str) -> str:
        """Return the form, as a template of JupyterHub's login page."""
        admins = ", ".join(sorted(self.admin_users))
        boxes = "".join(_GROUP % {"n": n, "name": _text(name)} for n, name in enumerate(self.groups))
        return _FORM % {
            "login": _text(self.login),
            "admins": f"<p>Administrators: {_text(admins)}</p>" if admins else "",
            "groups": f"<p>Groups you are in:</p>{boxes}" if boxes else "",
        }

    async def authenticate(self, handler: Any, data: dict[str, str]) -> dict[str, Any] | None:
        """Return the user of the form as JupyterHub expects it, or None without a name."""
        if not data.get("username"):
            return None
        chosen = [name for name in self.groups if f"group:{name}" in data]
        user: dict[str, Any] = {"name": data["username"], "auth_state": {"groups": chosen}}
        if set(chosen) & set(self.admin_groups):
            user["admin"] = True
        if self.manage_groups:
            user["groups"] = chosen
        return user


def _text(value: str) -> str:
    """Return text escaped for HTML and for the template language around it."""
    return escape(value).replace("{", "&#123;")
