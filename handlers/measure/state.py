"""How things stand, which is asked at the moment: the database, its ledger, and the settings."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from sql import Database, Replica
from sql.errors import DatabaseError


class State(Collector):
    """What a collector of Prometheus asks for each time: gauges of the whole service, which no worker counts."""

    def __init__(self, database: Database, replica: Replica | None, places: Mapping[str, int], version: str):
        """places are those of all workers together, by kind."""
        self.database = database
        self.replica = replica
        self.places = places
        self.version = version

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges; those that the database has to say are left out while it is away."""
        yield InfoMetricFamily("loadbay", "The release.", {"version": self.version})
        yield gauge("loadbay_places", "Places of each kind, of all workers.", ["kind"], *self.places.items())
        try:
            found = [*self._of_database()]
        except DatabaseError:
            found = []
        yield gauge("loadbay_database_up", "Whether the database answers.", [], (None, float(bool(found))))
        yield from found

    def tables(self) -> Iterable[str]:
        """Return the names of the tables, none while the database has not answered."""
        try:
            return self.database.tables
        except DatabaseError:
            return ()

    def _of_database(self) -> Iterator[Metric]:
        with self.database.connection() as connection:
            ages, sizes = self.database.state.ages(connection), self.database.state.sizes(connection)
        if ages.oldest_running is not None:
            text = "Age of the oldest upload that is running."
            yield gauge("loadbay_oldest_running_upload_seconds", text, [], (None, ages.oldest_running))
        if ages.last_finished is not None:
            text = "Time since an upload finished."
            yield gauge("loadbay_last_finished_upload_seconds", text, [], (None, ages.last_finished))
        yield gauge("loadbay_database_bytes", "Size of the database, by part.", ["part"], *sizes.items())
        if self.replica and (lag := self.replica.lag_seconds(self.database)) is not None:
            yield gauge("loadbay_reports_lag_seconds", "How far the reports' copy lags behind.", [], (None, lag))


def gauge(name: str, text: str, labels: Sequence[str], *values: tuple[str | None, float]) -> GaugeMetricFamily:
    """Return a gauge with a value for each of a label, or with the one that it has without labels."""
    family = GaugeMetricFamily(name, text, labels=labels)
    for label, value in values:
        family.add_metric([] if label is None else [label], value)
    return family
