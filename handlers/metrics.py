"""GET /metrics: what the service has counted, and how things stand, as Prometheus reads it."""

from falcon import Request, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from handlers.describe.operation import describes
from handlers.measure.metrics import Metrics
from handlers.measure.state import State
from handlers.receive.query import read_query


class Metering:
    def __init__(self, metrics: Metrics, state: State):
        self.metrics = metrics
        self.state = state

    @describes(
        "what was counted and how things stand, as Prometheus reads it",
        {200: {"text/plain": {"type": "string"}}},
        "bad_parameter",
    )
    def on_get(self, req: Request, resp: Response) -> None:
        read_query(req, {})
        self.metrics.know(self.state.tables())
        resp.content_type = CONTENT_TYPE_PLAIN_0_0_4
        resp.data = self.metrics.text() + generate_latest(self.state)
