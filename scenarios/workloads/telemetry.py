"""What the job tells of itself: one JSON object a line, its metrics and its health over HTTP, and an audit record of every write."""
import bisect
import json
import logging
import os
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 8000
APP = "process_transactions"
SESSION = str(uuid.uuid4())
BUCKETS = (10, 30, 60, 120, 300, 600, 1800, 3600)
OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message"}
state = {"processed": 0, "failed": 0, "batches": [0] * (len(BUCKETS) + 1), "took_s": 0.0, "ended": time.time(), "healthy": lambda: True}


class Json(logging.Formatter):
    def format(self, record):
        line = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "app": APP,
            "message": record.getMessage(),
            "module": record.module,
            "function": record.funcName,
            "line": record.lineno,
        }
        line.update({key: value for key, value in vars(record).items() if key not in OWN})
        return json.dumps(line)


def metrics():
    """In the text format of Prometheus."""
    batches = state["batches"]
    name = "pyspark_job_duration_seconds"
    labels = f'job_name="{APP}",status="success"'
    lines = [f'{name}_bucket{{{labels},le="{top}"}} {sum(batches[: at + 1])}' for at, top in enumerate(BUCKETS)]
    lines += [f'{name}_bucket{{{labels},le="+Inf"}} {sum(batches)}', f"{name}_count{{{labels}}} {sum(batches)}"]
    lines += [f'{name}_sum{{{labels}}} {state["took_s"]}']
    lines += [f'pyspark_records_processed_total{{job_name="{APP}",source="kafka",sink="silver"}} {state["processed"]}']
    lines += [f'pyspark_records_failed_total{{job_name="{APP}",error_type="validation"}} {state["failed"]}']
    lines += [f'pyspark_data_freshness_seconds{{table_name="silver"}} {time.time() - state["ended"]:.3f}']
    return "\n".join(lines) + "\n"


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        healthy = state["healthy"]()
        body = metrics() if self.path == "/metrics" else json.dumps({"healthy": healthy})
        self.send_response(200 if healthy or self.path == "/metrics" else 503)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


def serve():
    handler = logging.StreamHandler()
    handler.setFormatter(Json())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # The gateway to the JVM logs every call of a callback.
    logging.getLogger("py4j").setLevel(logging.WARNING)
    threading.Thread(target=ThreadingHTTPServer(("0.0.0.0", PORT), Page).serve_forever, daemon=True).start()


def watch(query):
    state["healthy"] = lambda: query.isActive


def batch(number, good, bad, took, quality):
    state["processed"] += good
    state["failed"] += bad
    state["batches"][bisect.bisect_left(BUCKETS, took)] += 1
    state["took_s"] += took
    state["ended"] = time.time()
    logging.info("batch", extra={"batch": number, "rows": good, "rejected": bad, "took_s": round(took, 3), **quality})


def audit(table, operation, rows):
    user = os.environ.get("USER", "spark")
    record = {"audit": True, "user": user, "table": table, "operation": operation, "row_count": rows, "session_id": SESSION}
    logging.info("access", extra=record)
