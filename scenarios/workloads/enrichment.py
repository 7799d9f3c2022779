"""The enrichment service as seen by a job that must go on without it.

An attempt is bounded, a failed one is tried again after growing pauses with full jitter, and after repeated failure the service is
left alone for a while. What is not known meanwhile is left to the fallback.
"""
import json
import logging
import urllib.request

from pybreaker import CircuitBreaker, CircuitBreakerError
from tenacity import Retrying, stop_after_attempt, stop_after_delay, wait_random_exponential

ATTEMPT_S = 0.5
ATTEMPTS = 3
TOTAL_S = 2.0
# A good answer stays good: merchants change their category once in years.
MOST_KNOWN = 10_000


class Enrichment:
    def __init__(self, url):
        self.url = url
        self.breaker = CircuitBreaker(fail_max=2, reset_timeout=5)
        self.known = {}

    def categories(self, merchants):
        """Category by merchant; those that cannot be had now are left out."""
        wanted = sorted(merchants - self.known.keys())
        if len(self.known) > MOST_KNOWN:
            self.known.clear()
        if wanted:
            try:
                self.known.update(self.breaker.call(self.asked, wanted))
            except CircuitBreakerError:
                logging.info("enrichment is left alone", extra={"merchants": len(wanted)})
            except Exception as error:
                logging.warning("enrichment failed", extra={"error": repr(error), "merchants": len(wanted)})
        return {name: self.known[name] for name in merchants if name in self.known}

    def asked(self, merchants):
        retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS) | stop_after_delay(TOTAL_S),
            wait=wait_random_exponential(multiplier=0.1, max=1),
            reraise=True,
        )
        return retrying(self.once, merchants)

    def once(self, merchants):
        with urllib.request.urlopen(f"{self.url}/merchants?ids={','.join(merchants)}", timeout=ATTEMPT_S) as answer:
            return {name: about["category"] for name, about in json.load(answer).items()}
