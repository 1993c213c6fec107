"""One object of the bucket into its table: what an upload is over HTTP, with its options in the object's metadata."""

from collections.abc import Callable

from aws.bucket import INCOMING, Bucket, Incoming, Place
from handlers.answer.problems import Problem
from handlers.receive.options import read_options_of_load
from handlers.tables import find_table
from rows.bytes.file import File, FileTooLarge, spool
from rows.bytes.gzip import ArchiveDamaged
from rows.bytes.spool import Spool, Spools
from rows.fault import FileRefused, cut
from rows.load import LoadRefused, LoadStopped, load, refuse
from rows.once.claim import Source
from rows.options import Options
from rows.say.account import Account, Ending
from settings import Settings
from sql import Database
from sql.files.tables import Table


class Objects:
    """The objects of a bucket, on their way into a database."""

    def __init__(self, bucket: Bucket, database: Database, settings: Settings):
        self.bucket = bucket
        self.database = database
        self.ledger_days = settings.ledger_days
        self.options = settings.options
        self.bytes_max = settings.upload_bytes_max
        self.spools = Spools(settings.spool_bytes_max)

    def load(self, place: Place, seconds_left: Callable[[], float]) -> tuple[Account, Ending]:
        """Load an object, and return its account and how it ended, also where it is refused or was loaded before.

        Raises Gone, SourceTaken, Overtaken, and whatever else keeps it from ending now.
        """
        source = Source(place.source, seconds_left)
        found = self.bucket.get(place)
        name, _, file_name = place.key.removeprefix(f"{INCOMING}/").partition("/")
        with self.spools.open() as stream, self.spools.turn.given_back():
            unread = File(file_name, found.size, "", stream, self.bytes_max)
            try:
                table, options = self._table_and_options(name, found)
                file = self._receive(found, stream, file_name)
            except FileRefused as refusal:
                account = refuse(unread, cut(name), self.options, refusal, self.database, source)
                return account, account.ending(self.options)
            try:
                account = load(file, table, options, self.database, source)
            except LoadRefused as refused:
                account = refused.account
            except LoadStopped as stopped:
                account = self._ended(stopped)
        return account, account.ending(options)

    def _ended(self, stopped: LoadStopped) -> Account:
        """Return the account of a load that ended for good; raise the cause where it may go on."""
        cause = stopped.__cause__
        for kind, code in self.database.recorded_errors.items():
            if code and isinstance(cause, kind):
                stopped.account.ended = Ending("stopped", str(cause), code)
                return stopped.account
        raise cause or stopped

    def _table_and_options(self, name: str, found: Incoming) -> tuple[Table, Options]:
        """Return the table of an object, and how it is to be loaded. Raises FileRefused."""
        try:
            table = find_table(self.database, name)
            return table, read_options_of_load(found.options, table, self.options)
        except Problem as problem:
            raise FileRefused(problem.stable_code, problem.description or "") from problem

    def _receive(self, found: Incoming, stream: Spool, name: str) -> File:
        """Return the file that an object is. Raises FileRefused."""
        try:
            if found.size > self.bytes_max:
                raise FileTooLarge(f"the file is larger than {self.bytes_max} bytes (MAX_UPLOAD_BYTES)")
            return spool(found.chunks, stream, name, self.bytes_max, found.is_gzip)
        except FileTooLarge as error:
            raise FileRefused("file_too_large", str(error)) from error
        except ArchiveDamaged as error:
            raise FileRefused("archive_damaged", str(error)) from error
