"""Ten more users every half minute, to see where it bends: `locust -f tests/load/step.py --headless …`."""

import os

from locust import LoadTestShape
from locustfile import *  # noqa: F403 (the users)

STEP_USERS = int(os.environ.get("STEP_USERS", "10"))
STEP_SECONDS = int(os.environ.get("STEP_SECONDS", "30"))
STEPS = int(os.environ.get("STEPS", "10"))


class Step(LoadTestShape):
    """Users rise in steps; after the last one the run ends."""

    def tick(self):
        step = int(self.get_run_time() // STEP_SECONDS) + 1
        return (step * STEP_USERS, STEP_USERS) if step <= STEPS else None
