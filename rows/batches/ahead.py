"""Reading ahead: the next batch is read and checked while a database server stores the last."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Ahead(Generic[Item]):
    """The items of an iterable, the next of which can be fetched before its turn."""

    def __init__(self, items: Iterable[Item]):
        self._items = iter(items)
        self._fetched: list[Future[Item]] = []

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        self.fetch()
        return self._fetched.pop().result()

    def fetch(self) -> None:
        """Fetch the next item, unless it is there. What goes wrong is raised when it is its turn."""
        if self._fetched:
            return
        item: Future[Item] = Future()
        try:
            item.set_result(next(self._items))
        except Exception as error:
            item.set_exception(error)
        self._fetched.append(item)
