"""The driver's errors in words that every database shares."""

from typing import Any

import pymysql
from pymysql.constants import CR, ER

from sql.errors import DatabaseFull, DatabaseUnavailable, LockTaken, RowRefused, StatementRefused

CONSTRAINT_FAILED = (4025, 3819)
"""A CHECK that refuses a row, on MariaDB and on MySQL, which the driver takes for something else."""

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


def named(error: pymysql.Error) -> Exception:
    """Return our error for the driver's. No sentence of the driver's gets into an answer."""
    code = code_of(error)
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


def code_of(error: BaseException | None) -> Any:
    return error.args[0] if error and error.args else None
