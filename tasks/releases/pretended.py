"""Pretended releases: wheels with a higher version of what is there, to try the whole way."""

from __future__ import annotations

import base64
import hashlib
import re
import zipfile
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.utils import canonicalize_name

NOT_IN_A_WHEEL = ("INSTALLER", "RECORD", "REQUESTED", "direct_url.json", "uv_cache.json")


def rebuild(site: Path, package: str, version: str, folder: Path) -> Path:
    """Write the installed ``package`` of ``site`` as a wheel that says it is ``version``."""
    (installed,) = (
        one
        for one in distributions(path=[str(site)])
        if canonicalize_name(one.metadata["Name"]) == canonicalize_name(package)
    )
    name = canonicalize_name(package).replace("-", "_")
    path = folder / f"{name}-{version}-{_tag(installed)}.whl"
    record = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as wheel:
        for file in installed.files or ():
            if file.parts[0] == ".." or file.suffix == ".pyc" or file.name in NOT_IN_A_WHEEL:
                continue
            place = site / file
            data = place.read_bytes()
            inside = str(file)
            if file.parts[0].endswith(".dist-info"):
                inside = "/".join([f"{name}-{version}.dist-info", *file.parts[1:]])
                if file.name == "METADATA":
                    data = re.sub(rb"(?m)^Version: .*$", b"Version: %b" % version.encode(), data)
            entry = zipfile.ZipInfo(inside)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = place.stat().st_mode << 16  # some are programs
            wheel.writestr(entry, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record.append(f"{inside},sha256={digest},{len(data)}")
        own = f"{name}-{version}.dist-info/RECORD"
        wheel.writestr(own, "\n".join([*record, f"{own},,", ""]))
    return path


def _tag(installed: Distribution) -> str:
    """Return the tag of the wheel that was installed."""
    tags = re.findall(r"(?m)^Tag: (\S+)-(\S+)-(\S+)$", installed.read_text("WHEEL") or "")
    return "-".join(".".join(dict.fromkeys(part)) for part in zip(*tags, strict=True))
