"""The floors hold: who may import whom is written in pyproject.toml, and import-linter says whether it is so."""

import shutil
import subprocess
import sys
from pathlib import Path


def test_the_floors_hold(root: Path) -> None:
    linter = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or "lint-imports"
    result = subprocess.run([linter, "--no-logo"], cwd=root, capture_output=True, text=True, timeout=110, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
