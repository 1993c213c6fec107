"""What can go wrong with a database, in words that every database shares."""


class DatabaseError(Exception):
    """What a database says is wrong. code is its own name for it: an SQLSTATE, an errno, or such as SQLITE_BUSY."""

    def __init__(self, sentence: str, code: str | None = None):
        super().__init__(sentence)
        self.code = code


def code_of(error: BaseException | None) -> str | None:
    """Return what the database called an error, or the one that led to it; None where it said nothing."""
    while error:
        if isinstance(error, DatabaseError) and error.code:
            return error.code
        error = error.__cause__
    return None


class DatabaseUnavailable(DatabaseError):
    """The database is busy or away; trying again later may help. What was begun in a transaction is undone."""


class DatabaseBusy(DatabaseUnavailable):
    """Another writer has held the database for as long as a request may wait."""


class DatabaseOutOfOrder(DatabaseUnavailable):
    """The database is none any more, or damaged: trying again helps only once somebody has put it right."""


class LockTaken(DatabaseUnavailable):
    """Another writer holds what a transaction needs, on a database that lets both go on: it is done again."""


class DatabaseFull(DatabaseError):
    """The database has no room left."""


class IdsTaken(Exception):
    """Another upload stored some of these ids after they were looked up. None of the rows was inserted."""


class RowsLost(Exception):
    """The database stored fewer rows of a batch than it was given, so the batch was rolled back."""


class TooManyRows(Exception):
    """A report gives more rows than an answer may have."""


class TookTooLong(Exception):
    """A report takes longer than it may."""

    def __init__(self, seconds: float):
        super().__init__(f"the answer takes over {seconds:g} seconds (REPORT_TIMEOUT): ask for less by its parameters")


class StatementRefused(DatabaseError):
    """The database does not take a statement."""


class RowRefused(StatementRefused):
    """A table's own rule, such as CHECK or UNIQUE, or the type of a column does not take a row."""


class StartRefused(Exception):
    """The service cannot start with these settings or these .sql files."""


class UrlRefused(StartRefused):
    """No database has such a URL. The sentence goes on from the setting's name."""


RECORDED_ERRORS: dict[type[Exception], str | None] = {RowsLost: "rows_lost", DatabaseFull: None}
"""What ends an upload and leaves the database able, or perhaps able, to write that into the ledger.

Each with the stable code of what is wrong with the file, None where it may pass.
"""

PASSING_ERRORS = (DatabaseUnavailable, DatabaseFull)
"""What ends an upload and may pass, so that the same upload can go on."""
