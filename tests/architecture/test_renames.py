"""What is called otherwise now: the table holds, and the tool that goes by it changes what uses the old names."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = tomllib.loads((ROOT / "tools/renames.toml").read_text("utf-8"))


def test_every_new_name_is_there_and_no_old_one_is(trees: Mapping[str, ast.Module]) -> None:
    modules = {name.removeprefix("src/").removesuffix(".py").replace("/", "."): tree for name, tree in trees.items()}
    wrong = [old for old, new in TABLE["modules"].items() if old in modules or new not in modules]
    for old, new in TABLE["names"].items():
        module, _, name = old.partition(":")
        module = TABLE["modules"].get(module, module)
        found = {node.name for node in modules[module].body if isinstance(node, ast.ClassDef)}
        if name in found or new not in found:
            wrong.append(old)
    assert not wrong, "mend tools/renames.toml: it is what other branches and plugins go by"


def test_what_uses_old_names_gets_the_new_ones(tmp_path: Path) -> None:
    files = {
        "table.toml": '[modules]\n"a.kitchen" = "a.builder"\n[names]\n"a.kitchen:Dish" = "Model"\n',
        "src/a/__init__.py": 'from a.kitchen import Dish\n\n__all__ = ["Dish"]\n',
        "src/a/kitchen.py": 'class Dish:\n    """A `Dish`."""\n\n    Dish: int = 0\n\n    def same(self) -> "Dish":\n'
        "        return self\n",
        "src/a/other.py": "from a import kitchen\nfrom a.table import Dish\n\nMINE = (Dish, kitchen.Dish)\n",
        "src/a/table.py": "class Dish:\n    pass\n",
        "src/a/user.py": "from a import Dish\nfrom a.table import Dish as Plate\n\n"
        'SERVED = dict(Dish=Dish().Dish, plate=Plate, said="Dish")\n',
        "docs/flows.md": "`src/a/kitchen.py::Dish`, `a.kitchen`, `a.kitchen.Dish.same` and `a.table.Dish`.\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    subprocess.run("git init -q && git add -A", shell=True, check=True, cwd=tmp_path)  # noqa: S602 # of this file
    for _ in range(2):  # again, it changes nothing
        command = [sys.executable, ROOT / "tools/rename.py", "table.toml", "src", "docs"]
        said = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)  # ours
        assert not said.stdout
        now = {str(path.relative_to(tmp_path)): path.read_text() for path in tmp_path.rglob("*.[pm][yd]")}
        assert now == {
            "src/a/__init__.py": 'from a.builder import Model\n\n__all__ = ["Model"]\n',
            "src/a/builder.py": 'class Model:\n    """A `Model`."""\n\n    Dish: int = 0\n\n'
            '    def same(self) -> "Model":\n        return self\n',
            "src/a/other.py": "from a import builder\nfrom a.table import Dish\n\nMINE = (Dish, builder.Model)\n",
            "src/a/table.py": files["src/a/table.py"],
            "src/a/user.py": "from a import Model\nfrom a.table import Dish as Plate\n\n"
            'SERVED = dict(Dish=Model().Dish, plate=Plate, said="Dish")\n',
            "docs/flows.md": "`src/a/builder.py::Model`, `a.builder`, `a.builder.Model.same` and `a.table.Dish`.\n",
        }
