"""What F-Droid's own Android client takes an index for: its data classes, field by field.

They are in `f-droid/fdroidclient`, `libs/index`, package `org.fdroid.index.v2`: `IndexV2.kt` and `PackageV2.kt`, read
as `IndexParser.kt` reads (unknown fields ignored, types as declared, null only where declared). No Python client parses
this format under a permissive licence, so what is declared there is said again here; a default makes a field optional.
"""

# ruff: noqa: N815 - fields are named as in the index

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Long = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Int = Annotated[int, Field(ge=-(2**31), lt=2**31)]
Text = dict[str, str]


class _Declared(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class FileV2(_Declared):
    name: str
    sha256: str | None = None
    size: Long | None = None
    ipfsCIDv1: str | None = None


class FileV1(_Declared):
    name: str
    sha256: str
    size: Long | None = None
    ipfsCIDv1: str | None = None


Files = dict[str, FileV2]


class Mirror(_Declared):
    url: str
    countryCode: str | None = None


class Named(_Declared):
    """`AntiFeatureV2`, `CategoryV2` and `ReleaseChannelV2`."""

    icon: Files = {}
    name: Text
    description: Text = {}


class Repo(_Declared):
    name: Text = {}
    icon: Files = {}
    address: str
    webBaseUrl: str | None = None
    description: Text = {}
    mirrors: list[Mirror] = []
    timestamp: Long
    antiFeatures: dict[str, Named] = {}
    categories: dict[str, Named] = {}
    releaseChannels: dict[str, Named] = {}


class Screenshots(_Declared):
    phone: dict[str, list[FileV2]] | None = None
    sevenInch: dict[str, list[FileV2]] | None = None
    tenInch: dict[str, list[FileV2]] | None = None
    wear: dict[str, list[FileV2]] | None = None
    tv: dict[str, list[FileV2]] | None = None


class Metadata(_Declared):
    name: Text | None = None
    summary: Text | None = None
    description: Text | None = None
    added: Long
    lastUpdated: Long
    webSite: str | None = None
    changelog: str | None = None
    license: str | None = None
    sourceCode: str | None = None
    issueTracker: str | None = None
    translation: str | None = None
    preferredSigner: str | None = None
    categories: list[str] = []
    authorName: str | None = None
    authorEmail: str | None = None
    authorWebSite: str | None = None
    authorPhone: str | None = None
    donate: list[str] = []
    liberapayID: str | None = None
    liberapay: str | None = None
    openCollective: str | None = None
    bitcoin: str | None = None
    litecoin: str | None = None
    flattrID: str | None = None
    icon: Files | None = None
    featureGraphic: Files | None = None
    promoGraphic: Files | None = None
    tvBanner: Files | None = None
    video: Text | None = None
    screenshots: Screenshots | None = None


class UsesSdk(_Declared):
    minSdkVersion: Int
    targetSdkVersion: Int


class Signer(_Declared):
    sha256: list[str]
    hasMultipleSigners: bool = False


class Permission(_Declared):
    name: str
    maxSdkVersion: Int | None = None


class Feature(_Declared):
    name: str


class Manifest(_Declared):
    versionName: str
    versionCode: Long
    usesSdk: UsesSdk | None = None
    maxSdkVersion: Int | None = None
    signer: Signer | None = None
    usesPermission: list[Permission] = []
    usesPermissionSdk23: list[Permission] = []
    nativecode: list[str] = []
    features: list[Feature] = []


class Version(_Declared):
    added: Long
    file: FileV1
    src: FileV2 | None = None
    manifest: Manifest
    releaseChannels: list[str] = []
    antiFeatures: dict[str, Text] = {}
    whatsNew: Text = {}


class Package(_Declared):
    metadata: Metadata
    versions: dict[str, Version] = {}


class Index(_Declared):
    """`IndexV2`, the whole file."""

    repo: Repo
    packages: dict[str, Package] = {}
