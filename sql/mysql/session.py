"""One session on a server: how it runs statements, and holds a transaction."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import pymysql
from pymysql.constants import ER

from sql.errors import DatabaseBusy, StatementRefused, TookTooLong
from sql.files.statements import Limits, Result, Statement
from sql.mysql.connect import LOOK, connect
from sql.mysql.errors import AWAY, code_of, named
from sql.mysql.place import Place
from sql.mysql.values import with_marks

CREATING = "LEFT(CONCAT('loadbay ', DATABASE()), 64)"
"""The lock of who creates the tables: the server has it, so its name has the database's. Names have 64 characters."""

EXISTS = {ER.TABLE_EXISTS_ERROR, ER.DUP_FIELDNAME, ER.DUP_KEYNAME}
"""What is to be created was created before."""

TIME_LIMITS = {True: ("max_statement_time", 1), False: ("max_execution_time", 1000)}
"""What limits a report on MariaDB, and on MySQL, and how much of it is a second."""

TOOK_TOO_LONG = {ER.STATEMENT_TIMEOUT, ER.QUERY_TIMEOUT}


class Session:
    """One session of one thread, in autocommit outside of `transaction`."""

    variant = ""

    def __init__(self, place: Place, busy_timeout: float):
        self._place = place
        self._busy_timeout = busy_timeout
        self._open()

    def _open(self) -> None:
        self._connection, self._is_galera = connect(self._place, self._busy_timeout)

    def is_alive(self) -> bool:
        """Whether the database still answers on this connection."""
        try:
            self._connection.query(LOOK)
        except pymysql.Error:
            return False
        return True

    def close(self) -> None:
        with suppress(pymysql.Error):  # it is closed
            self._connection.close()

    def set_up(self) -> None:
        """Do nothing: a table has its own character set."""

    @contextmanager
    def creating(self) -> Iterator[None]:
        """Keep other processes from creating tables while the block does.

        Each node of a Galera cluster has a lock of its own. There, as after a process that died in the middle, create
        passes over what is there.
        """
        with self._named_errors(), self._connection.cursor() as cursor:
            cursor.execute(f"SELECT GET_LOCK({CREATING}, %s)", [self._busy_timeout])
            if cursor.fetchone() != (1,):
                raise DatabaseBusy("the database is busy with another writer")
        try:
            yield
        finally:
            with suppress(pymysql.Error):  # a connection that was cut holds no lock
                self._connection.query(f"DO RELEASE_LOCK({CREATING})")

    def create(self, statement: Statement) -> None:
        """Run a statement that creates something, unless it is there. It commits by itself."""
        try:
            self.execute(statement, {})
        except StatementRefused as error:
            if code_of(error.__cause__) not in EXISTS:
                raise

    def prepare(self, statement: Statement, parameters: Mapping[str, Any] | None) -> None:
        """Prepare a statement without running it; parameters None stands for any. Raises StatementRefused."""
        self._prepare(statement.text, parameters)

    def prepare_reading(self, statement: Statement, parameters: Mapping[str, Any]) -> None:
        """Prepare a statement that may only read, as what is selected from may. Raises StatementRefused."""
        self._prepare(f"SELECT * FROM (\n{statement.text}\n) AS report", parameters)

    def _prepare(self, text: str, parameters: Mapping[str, Any] | None) -> None:
        with self._named_errors(), self._connection.cursor() as cursor:
            cursor.execute("PREPARE looked_at FROM %s", [with_marks(text, parameters)])
            cursor.execute("DEALLOCATE PREPARE looked_at")

    @contextmanager
    def transaction(self, durable: bool = False) -> Iterator[None]:
        """Hold a transaction, on a new connection where the last was cut; roll it back if the block raises.

        Whether it is on disk when the block ends is the server's setting: a session has none of its own.
        """
        with self._named_errors():
            if not self._connection.open:
                self._open()
            self._begin()
            try:
                yield
                self._commit()
            except BaseException:
                with suppress(pymysql.Error):
                    self._connection.rollback()
                raise

    def _begin(self) -> None:
        self._connection.begin()

    def _commit(self) -> None:
        self._connection.commit()

    def settle(self) -> None:
        """Do nothing: what is committed is visible."""

    def select(self, statement: Statement, parameters: Mapping[str, Any]) -> Result:
        """Return the names and rows that the statement gives."""
        with self._named_errors(), self._connection.cursor() as cursor:
            cursor.execute(statement.text, parameters)
            return Result([column[0] for column in cursor.description or ()], list(cursor.fetchall()))

    def select_within(self, limits: Limits, statement: Statement, parameters: Mapping[str, Any]) -> Result:
        """Return what select does, within the limits. Raises TooManyRows and TookTooLong."""
        time_limit, per_second = TIME_LIMITS["MariaDB" in self._connection.get_server_info()]  # type: ignore[no-untyped-call]
        try:
            with self._named_errors():
                self._connection.query(f"SET SESSION {time_limit} = {limits.seconds * per_second:.0f}")
                self._connection.query(f"SET SESSION sql_select_limit = {limits.rows_max + 1}")
                with self._connection.cursor() as cursor:
                    cursor.execute(statement.text, parameters)
                    result = Result([column[0] for column in cursor.description or ()], limits.keep(cursor))
                self._connection.query(f"SET SESSION {time_limit} = DEFAULT, sql_select_limit = DEFAULT")
        except StatementRefused as error:
            if code_of(error.__cause__) in TOOK_TOO_LONG:
                raise TookTooLong(limits.seconds) from error
            raise
        return result

    def execute(self, statement: Statement, parameters: Mapping[str, Any]) -> int:
        """Run a statement that gives no rows, and return the number of rows that it hit."""
        with self._named_errors(), self._connection.cursor() as cursor:
            return cursor.execute(statement.text, parameters)

    def insert(self, statement: Statement, parameters: Mapping[str, Any]) -> int:
        """Run a statement that inserts one row, and return the number that it was given."""
        with self._named_errors(), self._connection.cursor() as cursor:
            cursor.execute(statement.text, parameters)
            return cursor.lastrowid

    def execute_many(self, statement: Statement, parameters: Iterable[Mapping[str, Any]]) -> None:
        """Run a statement that gives no rows once for each of the parameters."""
        with self._named_errors(), self._connection.cursor() as cursor:
            for values in parameters:
                cursor.execute(statement.text, values)

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        """Turn the driver's errors into ours, and leave a server that cannot go on."""
        try:
            yield
        except pymysql.Error as error:
            if code_of(error) in AWAY:
                self.close()
            raise named(error) from error
