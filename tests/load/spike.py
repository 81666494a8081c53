"""Three bursts from 10 to 100 users, with calm between them: `locust -f tests/load/spike.py --headless …`."""

import os

from locust import LoadTestShape
from locustfile import *  # noqa: F403 (the users)

CALM = int(os.environ.get("SPIKE_CALM", "10"))
BURST = int(os.environ.get("SPIKE_BURST", "100"))
BURST_SECONDS = int(os.environ.get("SPIKE_SECONDS", "20"))
CALM_SECONDS = 20
BURSTS = 3


class Spike(LoadTestShape):
    """Calm, burst, calm, burst, calm, burst, calm."""

    def tick(self):
        at = self.get_run_time()
        if at >= BURSTS * (CALM_SECONDS + BURST_SECONDS) + CALM_SECONDS:
            return None
        in_burst = at % (CALM_SECONDS + BURST_SECONDS) >= CALM_SECONDS
        return (BURST, 100) if in_burst else (CALM, 100)
