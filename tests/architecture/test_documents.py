"""Documents lead somewhere, decisions are told in full, and nothing in the repository knows where it was made."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

HEADINGS = ["Context", "Decision", "Consequences", "Alternatives"]
LINK = re.compile(r"(?<!`)\[[^\]\n]+\]\((?!https?:|mailto:|#)(?P<target>[^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root|Users|mnt|home/(?!nonroot)[a-z]+)/[a-z]")
REGISTRY_HOSTS = re.compile(
    r"index-url\s*=|\bextra-index-url\b|https?://[\w.-]*(?:artifactory|nexus|devpi|proxpi)|\b[\w-]+\.internal\b"
)
SELF = "tests/architecture/test_documents.py"


def tracked(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the path and text of every text file under version control."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True, timeout=30)
    for name in filter(None, listed.stdout.decode().split("\0")):
        file = root / name
        if file.is_file() and name != SELF:
            content = file.read_bytes()
            if b"\0" not in content[:8192]:
                yield name, content.decode("utf-8", "replace")


def pages(root: Path) -> list[Path]:
    return [*root.glob("*.md"), *(root / "docs").rglob("*.md")]


def test_every_link_between_documents_leads_somewhere(root: Path) -> None:
    lost: list[str] = []
    for page in pages(root):
        for match in LINK.finditer(FENCE.sub("", page.read_text("utf-8"))):
            target = match["target"].partition("#")[0]
            if target and not (page.parent / target).exists():
                lost.append(f"{page.relative_to(root)}: {target}")
    assert not lost


def test_every_decision_tells_its_context_consequences_and_alternatives(root: Path) -> None:
    records = [record for record in sorted((root / "docs" / "decisions").glob("*.md")) if record.name != "README.md"]
    assert records
    for number, record in enumerate(records, start=1):
        text = record.read_text("utf-8")
        assert record.name.startswith(f"{number:04d}-"), "records are numbered without a gap"
        assert text.startswith(f"# {number:04d} "), record.name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS, record.name


def test_nothing_names_the_machine_it_was_made_on(root: Path) -> None:
    found = [
        f"{name}: {match[0]!r}"
        for name, text in tracked(root)
        for pattern in (MACHINE_PATHS, REGISTRY_HOSTS)
        for match in pattern.finditer(text)
    ]
    assert not found


def test_the_glossary_explains_the_words_of_the_contracts(root: Path) -> None:
    glossary = (root / "docs" / "glossary.md").read_text("utf-8").lower()
    contracts = [
        folder.name for folder in (root / "src/tulou/contracts").iterdir() if (folder / "__init__.py").is_file()
    ]
    words = {"house", "service", "contract", "operation", "port", "adapter", "engine", "version", "alias", "deployment"}
    words |= {"replica", "worker", "route", "breaker", "snapshot", "key", "tenant", "principal", "job", "event"}
    assert [word for word in sorted(words) if f"**{word}**" not in glossary] == []
    assert [name for name in contracts if f"`{name}`" not in glossary] == []
