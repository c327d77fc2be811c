"""What becomes of the data in the claims that a chart made, when its release goes."""

from __future__ import annotations

from dataclasses import dataclass

from hubs.preview import manifests
from hubs.preview.manifests import Document
from hubs.preview.render import Rendered


@dataclass(frozen=True)
class Claims:
    """Names of PersistentVolumeClaims: Helm leaves `kept` ones behind; the data of `lost` ones goes with them.

    `unknown`: nothing could be rendered, so there may be any.
    """

    kept: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    unknown: bool = False


def claims_of(rendered: Rendered) -> Claims:
    """The claims of a release, by what Helm and Kubernetes do with each when the release is uninstalled.

    A claim on a volume of the same chart that names its disk and is retained is neither: the disk stays as it is.
    """
    if rendered.problem:
        return Claims(unknown=True)
    documents = manifests.load(rendered.text)
    retained = {
        manifests.identity(document)[2]
        for document in documents
        if document.get("kind") == "PersistentVolume"
        and (document.get("spec") or {}).get("persistentVolumeReclaimPolicy") == "Retain"
    }
    claims = [document for document in documents if document.get("kind") == "PersistentVolumeClaim"]
    return Claims(
        tuple(manifests.identity(claim)[2] for claim in claims if is_kept(claim)),
        tuple(
            manifests.identity(claim)[2]
            for claim in claims
            if not is_kept(claim) and (claim.get("spec") or {}).get("volumeName") not in retained
        ),
    )


def is_kept(document: Document) -> bool:
    """Whether Helm leaves the object behind: https://helm.sh/docs/howto/charts_tips_and_tricks/."""
    annotations = (document.get("metadata") or {}).get("annotations") or {}
    return bool(annotations.get("helm.sh/resource-policy") == "keep")
