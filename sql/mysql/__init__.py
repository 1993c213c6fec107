"""MySQL and MariaDB: all about them that is not SQL. How to connect, hold a transaction and hand a batch over."""

import errno
import random
import socket
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import pymysql
from pymysql.constants import CLIENT, CR, ER, FIELD_TYPE
from pymysql.converters import conversions, escape_string

from sql.batch import as_json, rows_lost
from sql.errors import (
    DatabaseBusy,
    DatabaseFull,
    DatabaseUnavailable,
    IdsTaken,
    LockTaken,
    RowRefused,
    StatementRefused,
    TookTooLong,
    UrlRefused,
)
from sql.pool import Pool
from sql.retry import LOCK_WAITS
from sql.statements import Limits, Result, Statement
from sql.tables import Table
from sql.url import Host, read_url

TYPES = {"bigint": "integer", "varchar": "text", "datetime": "timestamp"}
"""This database's names of the column types."""

FILES = ("unix_socket", "ssl_ca", "ssl_cert", "ssl_key")
"""What the query of the URL may give, each the path of a file."""

ORDERS = {"disable": list, "random": lambda hosts: random.sample(hosts, len(hosts))}
"""In which order the URL's hosts are tried, by load_balance_hosts in its query: libpq's name and values for it."""

PORT = 3306
"""Where MySQL listens if the URL does not say."""

LOOK = "DO 1"
"""What any server does that is well."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")

KEEPALIVE = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 30_000}
"""How a connection finds out within half a minute that the server's machine is gone, where the system has these."""

SESSION = (
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO',"
    " time_zone = '+00:00', innodb_lock_wait_timeout = {lock_wait}, lock_wait_timeout = {lock_wait}",
)
"""What a connection is told first. Only READ COMMITTED sees the ids that another upload stored a moment ago."""

CONSTRAINT_FAILED = (4025, 3819)
"""A CHECK that refuses a row, on MariaDB and on MySQL, which the driver takes for something else."""

GALERA_SESSION = "SET SESSION wsrep_sync_wait = 1"
"""What a connection to a Galera node is told: to read nothing before all is there that other nodes have committed."""

CREATING = "LEFT(CONCAT('loadbay ', DATABASE()), 64)"
"""The lock of who creates the tables: the server has it, so its name has the database's. Names have 64 characters."""

EXISTS = {ER.TABLE_EXISTS_ERROR, ER.DUP_FIELDNAME, ER.DUP_KEYNAME}
"""What is to be created was created before."""

TIME_LIMITS = {True: ("max_statement_time", 1), False: ("max_execution_time", 1000)}
"""What limits a report on MariaDB, and on MySQL, and how much of it is a second."""

TOOK_TOO_LONG = {ER.STATEMENT_TIMEOUT, ER.QUERY_TIMEOUT}
BUSY = {ER.LOCK_WAIT_TIMEOUT, ER.LOCK_DEADLOCK}
FULL = {ER.DISK_FULL, ER.RECORD_FILE_FULL}
AWAY = {
    ER.CON_COUNT_ERROR,
    ER.TOO_MANY_USER_CONNECTIONS,
    ER.SERVER_SHUTDOWN,
    ER.QUERY_INTERRUPTED,
    ER.DBACCESS_DENIED_ERROR,
    ER.ACCESS_DENIED_ERROR,
    ER.BAD_DB_ERROR,
    ER.UNKNOWN_COM_ERROR,  # a Galera node that is not synced, or without a quorum
    ER.ERROR_DURING_COMMIT,  # one that lost its quorum at the COMMIT
    ER.OPTION_PREVENTS_STATEMENT,  # the server only reads: another took its place
    1836,  # likewise
    1927,  # MariaDB: the connection was killed
    *range(CR.CR_ERROR_FIRST, CR.CR_ERROR_LAST + 1),
    0,  # the driver's own: the connection is closed
}


class Place(NamedTuple):
    """Where the database is, and who asks."""

    hosts: list[Host]
    order: Callable[[list[Host]], list[Host]]
    arguments: dict[str, Any]
    """The driver's names and values for all that the hosts share."""


def open_pool(url: str, busy_timeout: float, pool_size: int) -> Pool:
    """Return the connections to `mysql://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE`, to the first host that is there.

    Connecting, and waiting for another writer, may take busy_timeout seconds each. Raises UrlRefused for a wrong
    one, without showing it: it may hold a password.
    """
    place = _read_place(url)
    return Pool(lambda: Connection(place, busy_timeout), pool_size)


def _read_place(url: str) -> Place:
    """Return what the URL says."""
    try:
        hosts, user, password, database, parameters = read_url(url)
        order = ORDERS[parameters.pop("load_balance_hosts", "disable")]
        if not parameters.keys() <= set(FILES):
            raise ValueError("unknown parameters")
    except (ValueError, KeyError):
        raise UrlRefused(
            "is no URL of MySQL: expected mysql://USER:PASSWORD@HOST:PORT/DATABASE, or several HOST:PORT "
            "with commas, with other characters than letters and digits percent-encoded, and behind a question mark "
            f"only {', '.join(FILES)}, load_balance_hosts={'|'.join(ORDERS)}"
        ) from None
    # Without ssl_ca the driver encrypts where the server offers it; on one machine that protects nothing.
    ssl = {
        "ssl_disabled": "ssl_ca" not in parameters and all(host in LOOPBACK for host, _ in hosts),
        "ssl_verify_identity": "ssl_ca" in parameters,
    }
    return Place(hosts, order, {"user": user, "password": password, "database": database, **ssl, **parameters})


class Connection:
    """One connection of one thread, in autocommit outside of `transaction`."""

    def __init__(self, place: Place, busy_timeout: float):
        self._place = place
        self._busy_timeout = busy_timeout
        self._connection = self._connect()

    def _connect(self) -> "pymysql.Connection[Any]":
        """Return a connection to the first host that takes one."""
        *hosts, last = self._place.order(self._place.hosts)
        for host in hosts:
            with suppress(DatabaseUnavailable):
                return self._connect_to(*host)
        return self._connect_to(*last)

    def _connect_to(self, host: str, port: int | None) -> "pymysql.Connection[Any]":
        """Return a connection to a host that is up and, where it is a Galera node, synced."""
        lock_wait = max(1, round(self._busy_timeout / LOCK_WAITS))
        try:
            connection = pymysql.connect(
                host=host,
                port=port or PORT,
                charset="utf8mb4",
                collation="utf8mb4_bin",
                autocommit=True,
                binary_prefix=True,
                conv=CONVERSIONS,
                client_flag=CLIENT.FOUND_ROWS,  # an UPDATE counts the rows that it finds, not those that it changes
                defer_connect=True,
                **self._place.arguments,
            )
            connection.connect(None if connection.unix_socket else self._open_socket(host, port or PORT))
            for statement in SESSION:
                connection.query(statement.format(lock_wait=lock_wait))
            self._is_galera = _is_galera(connection)
            if self._is_galera:
                connection.query(GALERA_SESSION)
                connection.query(LOOK)
        except pymysql.Error as error:
            raise _named(error) from error
        except OSError as error:
            own_code = errno.errorcode.get(error.errno or 0, type(error).__name__)
            raise DatabaseUnavailable("the database cannot be reached", own_code) from error
        return connection

    def _open_socket(self, host: str, port: int) -> socket.socket:
        """Return what the driver would open, but with KEEPALIVE: the system's own default is two hours."""
        opened = socket.create_connection((host, port), max(1, self._busy_timeout / len(self._place.hosts)))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in KEEPALIVE.items():
            if hasattr(socket, name):
                opened.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        return opened

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
            if _code_of(error.__cause__) not in EXISTS:
                raise

    def prepare(self, statement: Statement, parameters: Mapping[str, Any] | None) -> None:
        """Prepare a statement without running it; parameters None stands for any. Raises StatementRefused."""
        self._prepare(statement.text, parameters)

    def prepare_reading(self, statement: Statement, parameters: Mapping[str, Any]) -> None:
        """Prepare a statement that may only read, as what is selected from may. Raises StatementRefused."""
        self._prepare(f"SELECT * FROM (\n{statement.text}\n) AS report", parameters)

    def _prepare(self, text: str, parameters: Mapping[str, Any] | None) -> None:
        marks = defaultdict(lambda: "?") if parameters is None else dict.fromkeys(parameters, "?")
        try:
            text = text % marks
        except (KeyError, TypeError, ValueError) as error:
            raise StatementRefused(f"its placeholders are not %(name)s of its parameters: {error}") from error
        with self._named_errors(), self._connection.cursor() as cursor:
            cursor.execute("PREPARE looked_at FROM %s", [text])
            cursor.execute("DEALLOCATE PREPARE looked_at")

    @contextmanager
    def transaction(self, durable: bool = False) -> Iterator[None]:
        """Hold a transaction, on a new connection where the last was cut; roll it back if the block raises.

        Whether it is on disk when the block ends is the server's setting: a session has none of its own. One in which
        an INSERT met ids that were taken is not committed on Galera: raises DatabaseUnavailable instead. MariaDB 10.11
        sends the other nodes the rows of the INSERT that failed, too; they refuse them, and this node has to go.
        """
        with self._named_errors():
            if not self._connection.open:
                self._connection = self._connect()
            self._connection.begin()
            self._ids_were_taken = False
            try:
                yield
                if self._is_galera and self._ids_were_taken:
                    raise LockTaken("the database is busy with another writer")
                self._connection.commit()
            except BaseException:
                with suppress(pymysql.Error):
                    self._connection.rollback()
                raise

    def forget_deleted(self) -> None:
        """Do nothing: the server overwrites what was deleted when its purge has been there."""

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
            if _code_of(error.__cause__) in TOOK_TOO_LONG:
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
            if _code_of(error) in AWAY:
                self.close()
            raise _named(error) from error

    def as_list(self, ids: Sequence[int]) -> str:
        """Return ids as a statement takes them: a JSON array."""
        return str(ids)

    def as_contents(self, rows: Sequence[tuple[Any, ...]]) -> str:
        """Return rows as replace.sql takes them: a JSON array of arrays, of each one's id and its JSON as a text.

        MariaDB's JSON_TABLE takes no array out of an array.
        """
        return as_json([(row[0], as_json(row)) for row in rows])

    def insert_rows(self, table: Table, rows: Sequence[tuple[Any, ...]], meanwhile: Callable[[], None]) -> int:
        """Insert rows in one statement, what stands behind VALUES repeated for each, and return their number.

        Calls meanwhile while the server does it. They go in order of their ids, so that two uploads of the same ids
        wait for each other and not in a circle. Raises IdsTaken where an id is stored, and RowsLost where the table
        refuses a row for another reason.
        """
        before, values, row = table.statements["insert"].text.rpartition("VALUES")
        values_by_column = zip(*sorted(rows), strict=True)
        columns = [_literals(column.type, found) for column, found in zip(table.columns, values_by_column, strict=True)]
        try:
            literals = ",".join([row.strip() % literals for literals in zip(*columns, strict=True)])
            with self._named_errors(), ThreadPoolExecutor(1) as waiting:
                inserted = waiting.submit(self._connection.query, f"{before}{values}{literals}")
                meanwhile()
                return inserted.result()
        except (TypeError, ValueError) as error:
            raise StatementRefused(f"it has not one %s for each column: {error}") from error
        except StatementRefused as error:
            if _code_of(error.__cause__) == ER.DUP_ENTRY:
                self._ids_were_taken = True
                raise IdsTaken from error
            if isinstance(error, RowRefused):
                raise rows_lost(table) from error
            raise


def _literals(kind: str, values: Sequence[Any]) -> Sequence[Any]:
    """Return the values of a column as they stand in SQL; texts are escaped one by one only where any has to be."""
    if kind == "integer":
        return ["NULL" if value is None else value for value in values] if None in values else values
    if kind == "timestamp":  # a DATETIME takes no time zone: the Z of UTC is left out
        return ["NULL" if value is None else f"'{value[:-1]}'" for value in values]
    text = "".join(filter(None, values))
    if escape_string(text) != text:
        return ["NULL" if value is None else f"'{escape_string(value)}'" for value in values]
    return ["NULL" if value is None else f"'{value}'" for value in values]


def _moment(text: str) -> str:
    """Return `2021-07-27 16:02:08.500000` as 2021-07-27T16:02:08.5Z."""
    whole, _, fraction = text.replace(" ", "T").partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}Z" if fraction else f"{whole}Z"


def _number(text: str) -> int | float:
    """Return a decimal, which JSON does not have, as an integer or a float."""
    return int(text) if text.lstrip("-").isdigit() else float(text)


CONVERSIONS = conversions | {
    FIELD_TYPE.DATETIME: _moment,
    FIELD_TYPE.TIMESTAMP: _moment,
    FIELD_TYPE.DECIMAL: _number,
    FIELD_TYPE.NEWDECIMAL: _number,
    FIELD_TYPE.DATE: str,
    FIELD_TYPE.TIME: str,
}


def _is_galera(connection: "pymysql.Connection[Any]") -> bool:
    """Whether the server is a node of a Galera cluster."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW VARIABLES LIKE 'wsrep_on'")
        return cursor.fetchone() == ("wsrep_on", "ON")


def _named(error: pymysql.Error) -> Exception:
    """Return our error for the driver's. No sentence of the driver's gets into an answer."""
    code = _code_of(error)
    own_code = str(code) if code else type(error).__name__
    if code in BUSY:
        return LockTaken("the database is busy with another writer", own_code)
    if code in FULL:
        return DatabaseFull("the database has no room left on its disk", own_code)
    if code in AWAY:
        return DatabaseUnavailable("the database cannot be reached", own_code)
    if isinstance(error, pymysql.IntegrityError | pymysql.DataError) or code in CONSTRAINT_FAILED:
        return RowRefused(str(error), own_code)
    return StatementRefused(str(error), own_code)


def _code_of(error: BaseException | None) -> Any:
    return error.args[0] if error and error.args else None
