# Build pods tolerate the taints of the user nodes. BinderHub writes two tolerations of its own into each build pod
# (KubernetesBuildExecutor.submit), and has no setting for others: here they are replaced when the pod is created.
# `c.KubernetesBuildExecutor.tolerations`, a list as in a pod, applies because this class inherits that section.
from binderhub.build import KubernetesBuildExecutor
from traitlets import Dict, List, default


class TolerantBuildExecutor(KubernetesBuildExecutor):
    tolerations = List(Dict(), config=True)

    @default("api")
    def _default_api(self):
        api, tolerations = super()._default_api(), self.tolerations
        create = api.create_namespaced_pod

        def create_tolerant(namespace, body, **options):
            body.spec.tolerations = tolerations
            return create(namespace, body, **options)

        api.create_namespaced_pod = create_tolerant
        return api


if not c.BinderHub.get("build_class"):
    c.BinderHub.build_class = TolerantBuildExecutor
