#!/usr/bin/python3
"""An engine of paper: answers spctl from a file, and writes down what it was asked.

usage: fake_engine.py SOCKET ANSWERS LOG

ANSWERS is a JSON object: a method's name, and the list of its answers in order (the last one is given again).  An answer is
{"result": ...} or {"error": {"code", "message", "data"}}, and beside it:
  "before": events sent before the answer    "after": events sent after it, each [event, data]
  "close": true ends the connection then
LOG gets one line for each request: METHOD PARAMS (JSON, keys sorted).  "ready" is printed once clients can connect.
"""
import json
import socket
import sys
import threading

TIME = "2026-11-21T01:02:03.004Z"
PRESET = {
    "hello": [{"result": {"version": 1, "engine": "0.1.0", "private": True, "user": None, "role": "admin"}}],
    "events.subscribe": [{"result": {}}],
}


class Engine:
    def __init__(self, answers, log):
        self.answers = {**PRESET, **answers}
        self.log = log
        self.lock = threading.Lock()

    def answer(self, method, params):
        with self.lock:
            with open(self.log, "a", encoding="utf-8") as log:
                log.write(f"{method} {json.dumps(params, sort_keys=True, ensure_ascii=False)}\n")
            known = self.answers.get(method)
            if not known:
                return {"error": {"code": "invalid", "message": f"the fake engine has no answer for {method}"}}
            return known.pop(0) if len(known) > 1 else known[0]

    def serve(self, connection):
        # Two files: one for both directions forgets what it has read ahead when it writes.
        with connection, connection.makefile("r", encoding="utf-8", newline="\n") as lines, \
                connection.makefile("w", encoding="utf-8", newline="\n") as stream:
            for line in lines:
                request = json.loads(line)
                answer = self.answer(request["method"], request.get("params", {}))
                try:
                    self.send(stream, request["id"], answer)
                except (BrokenPipeError, ConnectionResetError):
                    return
                if answer.get("close"):
                    connection.shutdown(socket.SHUT_RDWR)
                    return

    @staticmethod
    def send(stream, number, answer):
        def put(message):
            stream.write(json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False) + "\n")
            stream.flush()

        def events(which):
            for event, data in answer.get(which, []):
                put({"method": "event", "params": {"event": event, "at": TIME, "data": data}})

        events("before")
        if "error" in answer:
            error = answer["error"]
            put({"id": number, "error": {"code": -32000, "message": error["message"],
                                         "data": {"code": error["code"], **error.get("data", {})}}})
        elif "result" in answer:
            put({"id": number, "result": answer["result"]})
        events("after")


def main():
    path, answers, log = sys.argv[1:]
    with open(answers, encoding="utf-8") as file:
        engine = Engine(json.load(file), log)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(8)
    print("ready", flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=engine.serve, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()
