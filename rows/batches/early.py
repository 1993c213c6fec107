"""What ends an upload early, where that lies in nothing of its file."""

from rows.bytes.spool import SpoolFull, SpoolsFull
from rows.bytes.turn import TurnLate
from rows.reading.apart import ReadingEnded
from rows.say.batch import Counts


class BatchesLost(Exception):
    """The database fell back to a state before batches that it had confirmed; .counts are those that it kept.

    They are None where it does not even know of the upload.
    """

    def __init__(self, confirmed: int, counts: Counts | None):
        super().__init__(
            f"the database fell back to an earlier state, with {counts.read if counts else 0} of the {confirmed} "
            "records that it had confirmed: send the file again to complete it"
        )
        self.counts = counts


class Overtaken(Exception):
    """The upload is somebody else's now: another request goes on with it, or takes it back."""

    def __init__(self) -> None:
        super().__init__(
            "the upload is no longer this request's: it is being taken back, or another request with its key goes on "
            "with it. GET /uploads/{id} says how far it is"
        )


class OutOfTime(Exception):
    """No time is left for another batch. What a queue delivers again goes on from there."""

    def __init__(self) -> None:
        super().__init__("no time was left for all of the file: it goes on when the queue delivers it again")


PASSING_ERRORS = (BatchesLost, OutOfTime, ReadingEnded, SpoolFull, SpoolsFull, TurnLate)
"""What ends an upload and may pass, beside what a database has of that."""
