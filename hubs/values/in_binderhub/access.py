# BinderHub answers /metrics (which names each repository that was built), /_config and others to everyone. Here they
# need a login, and /metrics a token with the scope read:metrics, as JupyterHub's own /hub/metrics does. The kubelet's
# probes (/versions) and health checks (/health) still get an answer, without details.
from binderhub.base import BaseHandler, VersionHandler
from binderhub.builder import BuildHandler
from binderhub.health import HealthHandler
from binderhub.metrics import MetricsHandler
from tornado.web import HTTPError


def _close():
    prepare, versions, check_all = BaseHandler.prepare, VersionHandler.get, HealthHandler.check_all

    def closed(self):
        # BuildHandler asks for a login itself, in its own way.
        if self.request.method != "OPTIONS" and not isinstance(self, (BuildHandler, VersionHandler, HealthHandler)):
            user = self.current_user
            if not user:
                raise HTTPError(403)
            if isinstance(self, MetricsHandler) and "read:metrics" not in dict(user).get("scopes", []):
                raise HTTPError(403, "The token needs the scope read:metrics")
        return prepare(self)

    async def short_versions(self):
        if self.current_user:
            return await versions(self)
        self.set_header("Content-Type", "application/json")
        return self.write("{}")

    async def short_checks(self):
        overall, checks = await check_all(self)
        if not self.current_user:
            shown = ("service", "ok", "_ignore_failure")
            checks = [{key: check[key] for key in shown if key in check} for check in checks]
        return overall, checks

    BaseHandler.prepare, VersionHandler.get, HealthHandler.check_all = closed, short_versions, short_checks


if c.BinderHub.get("auth_enabled"):
    _close()
