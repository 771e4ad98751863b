"""Where in its file a case, or a part of it, stands. Files are read again, and only those that are asked about."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from csedb_tests.bank_errors import KeyPath
from csedb_tests.bank_file import Document, read_document
from csedb_tests.bank_tree import BankFile, BankTree
from csedb_tests.schema import Case


class Places:
    """The lines of a bank's cases."""

    def __init__(self, tree: BankTree) -> None:
        self._tree = tree
        self._documents: dict[str, Document] = {}

    @cached_property
    def _files(self) -> Mapping[str, list[BankFile]]:
        found: dict[str, list[BankFile]] = defaultdict(list)
        for file in self._tree.files:
            found[file.path.rpartition(".")[0]].append(file)
        return found

    def of(self, case: Case, path: KeyPath = (), offset: int = 0) -> tuple[str, int]:
        """The file of ``case`` as messages name it, and the line (from 1) of ``path`` in it, ``offset`` lines below."""
        for file in self._files[f"{case.department}/{case.criterion.code}"]:
            document = self._document(file)
            for index, value in enumerate(document.value if isinstance(document.value, list) else []):
                if isinstance(value, dict) and value.get("id") == case.id:
                    return document.file, document.line((index, *path)) + offset
        raise LookupError(f"no case {case.id!r} in its file")

    def _document(self, file: BankFile) -> Document:
        if file.path not in self._documents:
            self._documents[file.path] = read_document(self._tree.shown(file.path), file.content)
        return self._documents[file.path]
