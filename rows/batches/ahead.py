"""Reading ahead: the next batch is read and checked while a database server stores the last."""

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Ahead(Generic[Item]):
    """The items of an iterable, none of them None, the next of which can be fetched before its turn."""

    def __init__(self, items: Iterable[Item]):
        self._items = iter(items)
        self._fetched: list[Item | Exception | None] = []

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        self.fetch()
        found = self._fetched.pop()
        if found is None:
            raise StopIteration
        if isinstance(found, Exception):
            try:
                raise found
            finally:
                del found  # the error has this frame: what the upload holds would stay until the collector comes
        return found

    def fetch(self) -> Item | None:
        """Fetch the next item, unless it is there, and return it. What goes wrong is raised when it is its turn."""
        if not self._fetched:
            try:
                self._fetched.append(next(self._items, None))
            except Exception as error:
                self._fetched.append(error)
        found = self._fetched[0]
        return None if isinstance(found, Exception) else found
