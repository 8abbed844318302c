"""A client of grpcio (the C core) for the rollout test. It plays the plan that the environment variable CLIENT has, as client-plan.ts describes it."""

import asyncio
import base64
import json
import os
import random
import signal
import sys
import time

import grpc

PLAN = json.loads(os.environ["CLIENT"])


def say(**event):
    print(json.dumps(event), flush=True)


def now():
    return int(time.time() * 1000)


class Incomplete(Exception):
    """A stream that ended well, before all was there."""


class Client:
    def __init__(self):
        self.ending = asyncio.Event()
        self.open = 0
        self.made = 0
        self.file = open(PLAN["calls"], "w", encoding="utf-8")
        options = [
            ("grpc.service_config", PLAN["serviceConfig"]),
            ("grpc.dns_min_time_between_resolutions_ms", PLAN["lookUpMs"]),
        ]
        target = f"dns:///{PLAN['host']}:{PLAN['port']}"
        if "ca" in PLAN:
            with open(PLAN["ca"], "rb") as ca:
                credentials = grpc.ssl_channel_credentials(ca.read())
            options.append(("grpc.ssl_target_name_override", PLAN["serverName"]))
            self.channel = grpc.aio.secure_channel(target, credentials, options)
        else:
            self.channel = grpc.aio.insecure_channel(target, options)

    async def run(self):
        lasting = [
            asyncio.ensure_future(self.keep_open(call)) for call in PLAN["lasting"] for _ in range(call["count"])
        ]
        left_out = await self.call_away()
        await asyncio.gather(*lasting)
        while self.open > 0:
            await asyncio.sleep(0.02)
        await self.channel.close()
        self.file.close()
        return left_out

    async def call_away(self):
        calls = PLAN["methods"]
        shares = [call["share"] for call in calls]
        began, due, made, left_out, running = time.monotonic(), 0, 0, 0, set()
        while not self.ending.is_set():
            due = int((time.monotonic() - began) * PLAN["rate"])
            while made < due:
                made += 1
                if self.open >= PLAN["mostOpen"]:
                    left_out += 1
                    continue
                task = asyncio.ensure_future(self.record(random.choices(calls, shares)[0]))
                running.add(task)
                task.add_done_callback(running.discard)
            await asyncio.sleep(0.005)
        return left_out

    async def keep_open(self, call):
        while not self.ending.is_set():
            if not await self.record(call):
                await self.pause(200)

    async def pause(self, ms):
        try:
            await asyncio.wait_for(self.ending.wait(), ms / 1000)
        except asyncio.TimeoutError:
            pass

    async def record(self, call):
        self.made += 1
        self.open += 1
        # grpcio doesn't say which backend a call went to: the executions do.
        entry = {"id": f"{PLAN['name']}:{self.made}", "method": call["method"], "startedAt": now(), "peers": []}
        status = "OK"
        try:
            await self.play(call, entry["id"])
        except grpc.aio.AioRpcError as error:
            status = error.code().name
            entry["message"] = error.details()
        except asyncio.CancelledError:
            status = "CANCELLED"
        except Incomplete as error:
            status = "UNKNOWN"
            entry["message"] = str(error)
        self.open -= 1
        # What this process ends itself, at its own end, tells nothing.
        if not (self.ending.is_set() and status == "CANCELLED"):
            self.file.write(json.dumps({**entry, "endedAt": now(), "status": status}) + "\n")
        return status == "OK"

    async def play(self, call, call_id):
        kind = call["kind"]
        request = base64.b64decode(call["request"])
        options = {"metadata": [("x-call-id", call_id), *call.get("headers", {}).items()]}
        if call.get("timeoutMs", 0) > 0:
            options["timeout"] = call["timeoutMs"] / 1000
        if kind == "unary":
            await self.channel.unary_unary(call["path"])(request, **options)
        elif kind == "client":
            await self.channel.stream_unary(call["path"])(self.requests(call, request), **options)
        elif kind == "server":
            await self.read(call, self.channel.unary_stream(call["path"])(request, **options))
        else:
            await self.read(call, self.channel.stream_stream(call["path"])(self.requests(call, request), **options))

    async def requests(self, call, request):
        sent = 0
        while sent != call["requests"] and not self.ending.is_set():
            yield request
            sent += 1
            await self.pause(call.get("everyMs", 0))

    async def read(self, call, responses):
        is_lasting = call["requests"] < 0 or "goodEnd" in call
        canceller = asyncio.ensure_future(self.cancel(responses)) if is_lasting else None
        count, last = 0, None
        try:
            async for last in responses:
                count += 1
        except grpc.aio.AioRpcError:
            if last is None or base64.b64encode(last).decode() != call.get("goodEnd"):
                raise
            return
        finally:
            if canceller is not None:
                canceller.cancel()
        if call["responses"] >= 0 and count != call["responses"]:
            raise Incomplete(f"The stream ended well after {count} of {call['responses']} messages")

    async def cancel(self, responses):
        await self.ending.wait()
        responses.cancel()


async def watch_stalls():
    """As machine-stalls.ts has it: a turn that came late, without what this process computed itself."""
    tick = 0.02
    last, cpu = time.monotonic(), time.process_time()
    while True:
        await asyncio.sleep(tick)
        turn, used = time.monotonic(), time.process_time()
        starved = int((turn - last - tick - (used - cpu)) * 1000)
        last, cpu = turn, used
        if starved > 60:
            say(event="stalled", **{"from": now() - starved, "to": now()})


def end_with_parent(loop):
    def ended():
        if not sys.stdin.buffer.raw.read(1):
            os._exit(1)

    loop.add_reader(sys.stdin.fileno(), ended)


async def main():
    client = Client()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, client.ending.set)
    loop.call_later(PLAN["atMostMs"] / 1000, client.ending.set)
    end_with_parent(loop)
    stalls = asyncio.ensure_future(watch_stalls())
    await client.channel.channel_ready()
    say(event="started", version=grpc.__version__)
    left_out = await client.run()
    stalls.cancel()
    say(event="ended", leftOut=left_out)


asyncio.run(main())
