"""JupyterHub's database in memory, with the roles of a hub's values: who has which permissions."""

from __future__ import annotations

from typing import Any

from jupyterhub import orm, roles


class Database:
    """Users and groups with JupyterHub's own roles and those of `hub.loadRoles`."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._session = orm.new_session_factory("sqlite:///:memory:")()
        for role in roles.get_default_roles():
            roles.create_role(self._session, role)
        self._session.add_all(orm.Service(name=name) for name in values["hub"].get("services", {}))
        self._session.commit()
        for name, role in values["hub"].get("loadRoles", {}).items():
            roles.create_role(self._session, {"name": name, "scopes": role["scopes"]})
            for group in role.get("groups", []):
                roles.grant_role(self._session, self._group(group), rolename=name)

    def user(self, name: str, groups: tuple[str, ...], *, admin: bool) -> Any:
        """Return a user in these groups."""
        found = orm.User.find(self._session, name) or orm.User(name=name)
        found.admin = admin
        found.groups = [self._group(group) for group in groups]
        self._session.add(found)
        self._session.commit()
        found.roles = []
        roles.assign_default_roles(self._session, found)
        return found

    def _group(self, name: str) -> Any:
        found = orm.Group.find(self._session, name)
        if found is None:
            found = orm.Group(name=name)
            self._session.add(found)
            self._session.commit()
        return found
