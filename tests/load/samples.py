"""What the users of the load suite write, from simple to complex. All of it is invented.

Each text holds private values that carry a mark (`PLANTED`), so that the model can tell when one has slipped through.
"""

import json
import random

# The domain of every planted address: nothing else in a request ends like this.
PLANTED = "planted-by-load.example"

SIMPLE = "Please write a short thank-you note to {email}."

CUSTOMER = (
    "Write a friendly reply to the customer below and keep it under eighty words. The order {order} arrived late and one "
    "item was missing. Contact: {name}, {email}, {phone}. Thank you for your help with this!"
)

MEDICAL = (
    "Summarise the visit for the referring doctor. Patient {name}, born {birth}, MRN {record}, came in with a cough that "
    "had lasted for two weeks. Lungs clear, no fever. Prescribed rest. Letters go to {email}; the daughter can be reached "
    "at {phone}. Next visit in four weeks."
)

INCIDENT = (
    "Here is the log of last night, tell me what went wrong:\n"
    "02:11:04 INFO  session opened for {email} from {address}\n"
    "02:11:05 WARN  card {card} declined by issuer, attempt 1 of 3\n"
    "02:11:09 ERROR commit 9f1c2d3e4b5a69788796a5b4c3d2e1f001122334 build 20260114.3: queue drained late by 4123 ms\n"
    "02:11:10 INFO  paged {name} at {phone}\n"
)

PLAIN = "Explain in three sentences why the sky is blue and what changes at sunset."

CACHED = "Translate into French: the parcel for {email} is ready."

NAMES = ["Mira Lindqvist", "Tomasz Wrobel", "Aisha Rahman", "Jonas Brandt", "Carla Moreno", "Peter Hargreaves"]


def values(rng=random):
    """One invented person."""
    number = rng.randrange(10**6)
    name = rng.choice(NAMES)
    return {
        "name": name,
        "email": f"{name.split()[0].lower()}.{number}@{PLANTED}",
        "phone": f"+1 415 555 {rng.randrange(100, 200):04}",
        "birth": f"{rng.randrange(1, 13):02}/{rng.randrange(1, 29):02}/{rng.randrange(1940, 2005)}",
        "record": f"{rng.randrange(10**6, 10**7)}",
        "order": f"{rng.randrange(10**6, 10**7)}",
        "address": f"203.0.113.{rng.randrange(1, 255)}",
        "card": "4111 1111 1111 1111",
    }


def text(template, rng=random):
    """The text and the address that must come back in the answer."""
    person = values(rng)
    return template.format(**person), person["email"]


def chat(content, **more):
    """A chat of one message; 0 degrees, so that its answer may be cached."""
    return {"model": "m", "temperature": 0, "messages": [{"role": "user", "content": content}], **more}


def long_chat(turns, rng=random):
    """A chat with `turns` earlier messages, as long-running assistants send it."""
    messages = []
    for turn in range(turns):
        content, email = text([CUSTOMER, MEDICAL, INCIDENT][turn % 3], rng)
        messages.append({"role": "assistant" if turn % 2 else "user", "content": content})
    content, email = text(CUSTOMER, rng)
    messages.append({"role": "user", "content": content})
    return {"model": "m", "messages": messages}, email


def batch(rng=random):
    """Fifty texts for one call of the guard's own interface."""
    return {"texts": [text(template, rng)[0] for template in [SIMPLE, CUSTOMER, MEDICAL, INCIDENT, PLAIN] * 10]}


if __name__ == "__main__":
    print(json.dumps(long_chat(2)[0], indent=2))
