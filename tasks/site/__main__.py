"""``python -m tasks.site [--repository ADDRESS]``: build the site from nothing and check it."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from tasks.cells.paths import ROOT, SITE
from tasks.site.check import problems
from tasks.site.links import SCHEME, LinkError
from tasks.site.sources import write

CONFIGURATION = Path(__file__).parent


def main(repository: str) -> int:
    """Build and check; return the exit code."""
    shutil.rmtree(SITE, ignore_errors=True)
    sources, pages = SITE / "sources", SITE / "html"
    try:
        write(sources, SCHEME)
    except LinkError as error:
        print(error, file=sys.stderr)
        return 1
    build = ["-m", "sphinx", "-q", "-W", "--keep-going", "-j", "auto", "-b", "html"]
    build.append(f"-Drepository={repository.rstrip('/')}")
    places = ["-c", str(CONFIGURATION), "-d", str(SITE / "doctrees"), str(sources), str(pages)]
    if subprocess.run([sys.executable, *build, *places], cwd=ROOT, check=False).returncode:
        return 1
    found = list(problems(pages))
    for one in found:
        print(one, file=sys.stderr)
    if found:
        return 1
    print(f"The site: {(pages / 'index.html').as_uri()}")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tasks.site", description=__doc__)
    parser.add_argument(
        "--repository",
        metavar="ADDRESS",
        default=ROOT.as_uri(),
        help="the address of the repository's files, such as "
        "https://github.com/OWNER/NAME/blob/COMMIT; else links lead into this folder",
    )
    sys.exit(main(parser.parse_args().repository))
