"""The software bill of materials: CycloneDX 1.6 in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from packaging.utils import canonicalize_name

from metier.compliance._findings import Dependency, Findings

if TYPE_CHECKING:
    from cyclonedx.model.component import Component

_CORE = canonicalize_name("metier")
_ADMITTED = "the artifacts of this version that the lock file admits"


def to_sbom(findings: Findings) -> str:
    """The installed distributions as CycloneDX 1.6 JSON.

    What metier and its plugins need has the scope "required"; what is merely
    installed beside them is "excluded". Hashes are those of the lock file, if one
    was given: of every artifact it admits, since which of them was installed is
    not recorded.

    Source: OWASP Foundation, CycloneDX Bill of Materials Specification 1.6
    (ECMA-424), written by `cyclonedx-python-lib`.
    """
    from cyclonedx.contrib.this.builders import this_component as this_library
    from cyclonedx.model.bom import Bom
    from cyclonedx.output import make_outputter
    from cyclonedx.schema import OutputFormat, SchemaVersion

    components = {canonicalize_name(d.name): _component(d) for d in findings.dependencies}
    bom = Bom(
        serial_number=uuid5(
            NAMESPACE_URL, f"{findings.configuration.digest}/{findings.made.isoformat()}"
        )
    )
    bom.metadata.timestamp = findings.made
    bom.metadata.tools.components.add(this_library())
    root = components.pop(_CORE)
    bom.metadata.component = root
    for component in components.values():
        bom.components.add(component)
    plugins = {canonicalize_name(plugin.distribution) for plugin in findings.plugins}
    for dependency in findings.dependencies:
        name = canonicalize_name(dependency.name)
        needs = {canonicalize_name(other) for other in dependency.requires}
        if name == _CORE:
            needs |= plugins
        bom.register_dependency(
            root if name == _CORE else components[name],
            [components[other] for other in sorted(needs) if other in components],
        )
    outputter = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6)
    return outputter.output_as_string(indent=2)


def _component(dependency: Dependency) -> Component:
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model import (
        ExternalReference,
        ExternalReferenceType,
        HashAlgorithm,
        HashType,
        XsUri,
    )
    from cyclonedx.model.component import Component, ComponentScope, ComponentType
    from cyclonedx.model.license import LicenseAcknowledgement
    from packageurl import PackageURL

    name = canonicalize_name(dependency.name)
    purl = PackageURL("pypi", None, name, dependency.version)
    core = name == _CORE
    declared = LicenseAcknowledgement.DECLARED
    licence = (
        LicenseFactory().make_from_string(dependency.licence, license_acknowledgement=declared)
        if dependency.spdx
        else LicenseFactory().make_with_name(dependency.licence, acknowledgement=declared)
    )
    used = ComponentScope.REQUIRED if dependency.runtime else ComponentScope.EXCLUDED
    component = Component(
        type=ComponentType.APPLICATION if core else ComponentType.LIBRARY,
        name=dependency.name,
        version=dependency.version,
        bom_ref=purl.to_string(),
        purl=purl,
        scope=None if core else used,
        licenses=[licence],
    )
    if dependency.hashes:
        component.external_references.add(
            ExternalReference(
                type=ExternalReferenceType.DISTRIBUTION,
                url=XsUri(purl.to_string()),
                comment=_ADMITTED,
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=h) for h in dependency.hashes],
            )
        )
    return component
