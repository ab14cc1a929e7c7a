"""The lessons of one market on disk: a file a version, and which of them is the current one."""

from __future__ import annotations

import os
import re
from pathlib import Path

from crawler.model.errors import BadInput, NoSpace
from spiders.reader.template import Template

_CURRENT = "current"
_VERSION = re.compile(r"[0-9a-f]{16}")


class TemplateShelf:
    """The templates of a market in a folder of the home; a version once kept is never changed or removed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, template: Template) -> Path:
        """The file of the template, written when it is new; it is the current one from now on.

        Raises NoSpace where it cannot be written.
        """
        path = self._file(template.version)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not path.exists():
                _write(path, template.to_toml())
            _write(self._folder / _CURRENT, template.version + "\n")
        except OSError as error:
            raise NoSpace(f"{path} cannot be written ({error.strerror}); free space there, then run again") from error
        return path

    def load(self, version: str) -> Template:
        """The template of a version. Raises BadInput where none is kept, or its file holds another lesson."""
        path = self._file(version)
        if not _VERSION.fullmatch(version) or not path.is_file():
            raise BadInput(
                f"no template {version} in {self._folder}; there are: {', '.join(self.versions()) or 'none'}"
            )
        template = Template.from_toml(path.read_text(encoding="utf-8"))
        if template.version != version:
            raise BadInput(f"{path} was changed: it holds template {template.version}; take it from a backup")
        return template

    def current(self) -> Template | None:
        """The template kept last, None where the market taught nothing yet."""
        path = self._folder / _CURRENT
        return self.load(path.read_text(encoding="utf-8").strip()) if path.is_file() else None

    def versions(self) -> tuple[str, ...]:
        """All versions kept, sorted."""
        return tuple(sorted(path.stem for path in self._folder.glob("*.toml")))

    def _file(self, version: str) -> Path:
        return self._folder / f"{version}.toml"


def _write(path: Path, text: str) -> None:
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
