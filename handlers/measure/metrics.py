"""The metrics: what is counted of requests, uploads, rows, batches, waits and places, by the names of Prometheus."""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from handlers.answer.codes import CODES
from handlers.measure.folder import folder, held
from rows.batches.upload import ENDED
from rows.say.batch import Counts
from sql.connections.waits import Waits

REQUEST_SECONDS = (0.01, 0.05, 0.25, 1, 5, 30, 120, 600)
BATCH_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30)
"""The upper bounds of the buckets of the two histograms."""

METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"}
"""Other methods are counted together: a label has few values, whatever is sent."""

NO_ROUTE = "none"
"""Stands for the route of a URL at which nothing is."""

OUTCOMES = ("inserted", "updated", "skipped", "rejected")
"""What may become of a record: their sum is the records that were read."""


class Metrics:
    """What one process counts. Where it is a worker of several, each counts in a file, and any can say the sums."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._histogram(
            "loadbay_request_seconds",
            "From the head of a request to the end of its answer.",
            ["route", "method", "status"],
            REQUEST_SECONDS,
        )
        self._problems = self._counter("loadbay_problems", "Errors, by their stable code.", ["code"])
        self._uploads = self._counter("loadbay_uploads", "Uploads that ended.", ["table", "status"])
        self._bytes = self._counter("loadbay_upload_bytes", "Bytes of their files, as they were sent.", ["table"])
        self._rows = self._counter(
            "loadbay_rows", "Records of committed batches; dry runs are not counted.", ["table", "outcome"]
        )
        self._rejects = self._counter("loadbay_rejects", "Refused ones among them, by code.", ["table", "code"])
        self._batches = self._histogram(
            "loadbay_batch_seconds", "A batch from its BEGIN to its COMMIT, with all tries.", ["table"], BATCH_SECONDS
        )
        self._waits = self._counter("loadbay_wait_seconds", "Seconds that requests have waited.", ["on"])
        self._retries = self._counter("loadbay_database_retries", "Transactions that were done again.", [])
        self._places = self._gauge("loadbay_places_in_use", "Places that requests hold.", ["kind"])
        self.spool_bytes = self._gauge("loadbay_spool_bytes", "Bytes that uploads hold in memory and on disk.", [])

        for code in CODES:
            self._problems.labels(code)
        for what in ("database", "client"):
            self._waits.labels(what)

    def know(self, tables: Iterable[str]) -> None:
        """Say 0 of what these tables have not had yet: where a counter begins with more, no increase is seen."""
        for table in tables:
            for outcome in OUTCOMES:
                self._rows.labels(table, outcome)
            for status in ENDED:
                self._uploads.labels(table, status)

    def places(self, kind: str) -> Gauge:
        """Return what counts the places of a kind that are in use."""
        return self._places.labels(kind)

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        known = method if method in METHODS else "other"
        self._requests.labels(route, known, str(status)).observe(seconds)

    def problem(self, code: str) -> None:
        """Count an error."""
        self._problems.labels(code).inc()

    def waited(self, database: Waits, client_seconds: float) -> None:
        """Count what a request has waited for."""
        self._waits.labels("database").inc(database.seconds)
        self._waits.labels("client").inc(client_seconds)
        self._retries.inc(database.retries)

    def landed(self, table: str, counts: Counts, codes: Mapping[str, int], seconds: float | None = None) -> None:
        """Count what became of records that are committed; seconds are those of their batch, if they are one."""
        for outcome in OUTCOMES:
            self._rows.labels(table, outcome).inc(getattr(counts, outcome))
        for code, records in codes.items():
            self._rejects.labels(table, code).inc(records)
        if seconds is not None:
            self._batches.labels(table).observe(seconds)

    def ended(self, table: str, status: str, sent_bytes: int) -> None:
        """Count an upload that ended."""
        self._uploads.labels(table, status).inc()
        self._bytes.labels(table).inc(sent_bytes)

    def text(self) -> bytes:
        """Return the sums of all workers as Prometheus reads them (text format 0.0.4)."""
        found = folder()
        if found is None:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together, str(found))
        with held(found):
            return generate_latest(together)

    def _counter(self, name: str, text: str, labels: list[str]) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, labels: list[str]) -> Gauge:
        return Gauge(name, text, labels, registry=self.registry, multiprocess_mode="livesum")

    def _histogram(self, name: str, text: str, labels: list[str], buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, text, labels, registry=self.registry, buckets=buckets)
