# Tokens of the pod's own identity (Workload Identity) instead of a key: to look images up, and for build pods to push.
# A token lives for an hour, and stands in the build pod's environment: a build that takes longer can't push.
import json

from binderhub.registry import DockerRegistry
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from traitlets import Unicode


class KeylessArtifactRegistry(DockerRegistry):
    metadata_url = Unicode(
        "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token", config=True
    )

    async def _access_token(self, client):
        answer = await client.fetch(HTTPRequest(self.metadata_url, headers={"Metadata-Flavor": "Google"}))
        return json.loads(answer.body)["access_token"]

    async def _get_token(self, client, token_url, service, scope):
        return await self._access_token(client)

    async def get_credentials(self, image, tag):
        token = await self._access_token(AsyncHTTPClient())
        host = self.url.split("://", 1)[-1]
        return {"registry": host, "username": "oauth2accesstoken", "password": token}


c.BinderHub.registry_class = KeylessArtifactRegistry
