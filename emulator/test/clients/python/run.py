"""Runs one module of tests with nothing but this machine in reach, and prints a line of JSON for each test."""

import importlib
import ipaddress
import json
import logging
import os
import socket
import sys
import unittest

LOCAL = {"localhost", "127.0.0.1", "::1", "", None}
REFUSED: list[str] = []
resolve, connect = socket.getaddrinfo, socket.socket.connect


def guarded_resolve(host, *args, **kwargs):
    name = host.decode() if isinstance(host, bytes) else host
    if name not in LOCAL:
        REFUSED.append(str(name))
        raise socket.gaierror(-2, f"refused by the tests: {name}")
    return resolve(host, *args, **kwargs)


def guarded_connect(self, address):
    if isinstance(address, tuple) and not ipaddress.ip_address(address[0]).is_loopback:
        REFUSED.append(str(address[0]))
        raise OSError(f"refused by the tests: {address}")
    return connect(self, address)


class Lines(unittest.TestResult):
    def report(self, test, outcome, detail=""):
        line = {"test": test.id().split(".")[-1], "outcome": outcome, "detail": detail}
        print(json.dumps(line), file=sys.__stdout__, flush=True)

    def addSuccess(self, test):
        self.report(test, "ok")

    def addSkip(self, test, reason):
        self.report(test, "skipped", reason)

    def addError(self, test, err):
        self.report(test, "failed", self._exc_info_to_string(err, test))

    addFailure = addError


if __name__ == "__main__":
    socket.getaddrinfo, socket.socket.connect = guarded_resolve, guarded_connect
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    logging.disable(logging.CRITICAL)
    sys.stdout = sys.stderr
    module = importlib.import_module(sys.argv[1])
    unittest.TestLoader().loadTestsFromModule(module).run(Lines())
    print(json.dumps({"refused": sorted(set(REFUSED))}), file=sys.__stdout__, flush=True)
