"""The local demonstration login, in place of the community's."""

from __future__ import annotations

from html import escape
from typing import Any

from jupyterhub.auth import Authenticator
from traitlets import List, Unicode

_FORM = """
<form action="{{ authenticator_login_url }}" method="post" role="form">
  <div class="auth-form-header"><h1>Demonstration login</h1></div>
  <div class="auth-form-body m-auto">
    <p>This hub runs on your own machine. Nobody is asked who you are: on the deployed hub people log in with
       <b>%(service)s</b>. Enter any user name.</p>
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
    """Anybody, under any name, in any of the groups that the hub's configuration speaks of."""

    service = Unicode(config=True, help="How people log in to the deployed hub.")
    groups = List(Unicode(), config=True, help="Groups to choose from.")
    admin_groups = List(Unicode(), config=True, help="Groups whose members are administrators.")

    def get_custom_html(self, base_url: str) -> str:
        """The form, as a template of JupyterHub's login page."""
        admins = ", ".join(sorted(self.admin_users))
        boxes = "".join(_GROUP % {"n": n, "name": _text(name)} for n, name in enumerate(self.groups))
        return _FORM % {
            "service": _text(self.service),
            "admins": f"<p>Administrators: {_text(admins)}</p>" if admins else "",
            "groups": f"<p>Be a member of:</p>{boxes}" if boxes else "",
        }

    async def authenticate(self, handler: Any, data: dict[str, str]) -> dict[str, Any] | None:
        """The user of the form, in JupyterHub's words; None without a name."""
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
    """For HTML, and for the template language around it."""
    return escape(value).replace("{", "&#123;")
