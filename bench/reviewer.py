"""The client of the admission benchmark: a process of its own that asks at a steady pace.

    python -m bench.reviewer URL AUTHORITY BODIES RATE SECONDS

Arrivals are open-loop: review number ``n`` is due at ``n / RATE`` seconds whatever became of those
before it, and its latency counts from when it was due, so a server that stalls is charged for every
review that would have come meanwhile. Prints one latency per line, in seconds.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from itertools import cycle, islice
from pathlib import Path

import aiohttp

PATH = "/validate"
AHEAD = 0.5  # seconds before the first review is due


async def ask(url: str, authority: str, bodies: list[bytes], *, rate: int, seconds: int) -> None:
    """Send ``rate`` reviews a second, each when it is due, and print what each took."""
    tls = ssl.create_default_context(cafile=authority)
    # The API server keeps its connections to a webhook open, and shares them among reviews.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls, limit=64)) as session:
        clock = asyncio.get_running_loop().time
        began = clock() + AHEAD

        async def one(number: int, body: bytes) -> float:
            due = began + number / rate
            await asyncio.sleep(due - clock())
            async with session.post(url + PATH, data=body) as response:
                answer = await response.json()
            if "allowed" not in answer["response"]:
                raise RuntimeError("an answer without a verdict")
            return clock() - due

        asked = enumerate(islice(cycle(bodies), rate * seconds))
        for took in await asyncio.gather(*(one(number, body) for number, body in asked)):
            print(f"{took:.6f}")


if __name__ == "__main__":
    where, ca, content, pace, length = sys.argv[1:]
    reviews = [json.dumps(each).encode() for each in json.loads(Path(content).read_bytes())]
    asyncio.run(ask(where, ca, reviews, rate=int(pace), seconds=int(length)))
