"""Determine which data is lost when a release is uninstalled, from its PersistentVolumeClaims."""

from __future__ import annotations

from dataclasses import dataclass

from hubs import yaml_text
from hubs.preview import manifests
from hubs.preview.manifests import Document
from hubs.preview.render import Rendered


@dataclass(frozen=True)
class Claims:
    """Names of PersistentVolumeClaims: Helm does not delete the `kept` ones; the data of the `lost` ones is deleted.

    `unknown`: the release could not be rendered, so its claims are not known.
    """

    kept: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    unknown: bool = False


def claims_of(rendered: Rendered) -> Claims:
    """Return the claims of a release, by what happens to each when the release is uninstalled.

    A claim on a retained volume of the same chart is neither kept nor lost: the volume's disk is not deleted.
    """
    if rendered.problem:
        return Claims(unknown=True)
    documents = yaml_text.load(rendered.text)
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
    """Return whether Helm keeps the object on uninstall: https://helm.sh/docs/howto/charts_tips_and_tricks/."""
    annotations = (document.get("metadata") or {}).get("annotations") or {}
    return bool(annotations.get("helm.sh/resource-policy") == "keep")
