"""GET /metrics, read by Prometheus's own parser."""

from prometheus_client.parser import text_string_to_metric_families

Sums = dict[tuple[str, ...], float]


def read(text: str, name: str) -> Sums:
    """Return the values of a metric by its labels' values, in the order of the labels' names; counters of 0 are left out."""
    return {
        tuple(value for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and (sample.value or family.type != "counter")
    }


def rows(text: str) -> dict[str, dict[str, float]]:
    """Return how many records of each table had each outcome, those alone that any had."""
    found: dict[str, dict[str, float]] = {}
    for (outcome, table), value in read(text, "loadbay_rows_total").items():
        found.setdefault(table, {})[outcome] = value
    return found
