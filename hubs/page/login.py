"""The local demonstration login, which replaces the community's login and keeps its rules."""

from __future__ import annotations

from html import escape
from typing import Any

from jupyterhub.auth import Authenticator
from traitlets import Any as AnyTrait
from traitlets import List, Unicode

from hubs.page.rules import RefusedError, Rules

_FORM = """
<form action="{{ authenticator_login_url }}" method="post" role="form">
  <div class="auth-form-header"><h1>Demonstration login</h1></div>
  <div class="auth-form-body m-auto">
    <p>This hub runs on your own machine and asks for no password. On the deployed hub, people log in
       <b>%(login)s</b>.</p>
    {%% if login_error %%}<p class="login_error" role="alert">{{ login_error | e }}</p>{%% endif %%}
    <input type="hidden" name="_xsrf" value="{{ xsrf }}" />
    <label for="username_input">User name:</label>
    <input id="username_input" type="text" autocapitalize="off" autocorrect="off" class="form-control" name="username"
           value="{{ (username or '%(name)s') | e }}" autofocus="autofocus" />
    %(providers)s
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
_PROVIDERS = """
<label for="provider">Identity provider:</label>
<select class="form-control" id="provider" name="provider">%s</select>
"""


class DemonstrationAuthenticator(Authenticator):  # type: ignore[misc]
    """Asks people who they are, without a password, and refuses who may not log in to the deployed hub."""

    login = Unicode(config=True, help="How people log in to the deployed hub, such as `with GitHub`.")
    groups = List(Unicode(), config=True, help="Groups to choose from.")
    admin_groups = List(Unicode(), config=True, help="Groups whose members are administrators.")
    make_rules = AnyTrait(config=True, help="A function that returns the Rules of the deployed hub, or None.")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.rules: Rules | None = self.make_rules() if self.make_rules is not None else None

    def get_custom_html(self, base_url: str) -> str:
        """Return the form, as a template of JupyterHub's login page."""
        admins = ", ".join(sorted(self.admin_users))
        boxes = "".join(_GROUP % {"n": n, "name": _text(name)} for n, name in enumerate(self.groups))
        idps = self.rules.providers if self.rules is not None else []
        options = "".join(f'<option value="{_text(idp)}">{_text(idp)}</option>' for idp in idps)
        return _FORM % {
            "login": _text(self.login),
            "name": _text(self.rules.usual_name if self.rules is not None else "demo"),
            "admins": f"<p>Administrators: {_text(admins)}</p>" if admins else "",
            "groups": f"<p>Groups you are in:</p>{boxes}" if boxes else "",
            "providers": _PROVIDERS % options if len(idps) > 1 else "",
        }

    async def get_authenticated_user(self, handler: Any, data: dict[str, str]) -> Any:
        """As JupyterHub does, but the login page says why somebody is refused. The status is 403, too."""
        try:
            return await super().get_authenticated_user(handler, data)
        except RefusedError as error:
            refused, show = str(error), handler._render
            handler._render = lambda username=None, **_: show(login_error=refused, username=username)
            return None

    async def authenticate(self, handler: Any, data: dict[str, str]) -> dict[str, Any] | None:
        """Return the user of the form as JupyterHub expects it, or None without a name. Raises RefusedError."""
        written = data.get("username")
        if not written:
            return None
        chosen = [name for name in self.groups if f"group:{name}" in data]
        user: dict[str, Any] = {"name": written, "auth_state": {"groups": chosen}, "groups": chosen}
        if self.rules is not None:
            account = self.rules.account(written, chosen, data.get("provider", ""))
            await self.rules.check(account)
            user |= {"name": account["name"], "groups": account.get("groups", chosen)}
            user["auth_state"]["groups"] = user["groups"]
        if set(user["groups"]) & set(self.admin_groups):
            user["admin"] = True
        if not self.manage_groups:
            del user["groups"]
        return user


def _text(value: str) -> str:
    """Return text escaped for HTML and for the template language around it."""
    return escape(value).replace("{", "&#123;")
