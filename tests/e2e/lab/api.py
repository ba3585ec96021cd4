#!/usr/bin/env python3
"""api.py - asks a daemon over its socket: usage: api.py SOCKET PATH...

Prints one JSON object, {PATH: answer, ...}; exit status 1 when an answer is not 200.
"""
import http.client
import json
import socket
import sys


class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(sys.argv[1])


def ask(path):
    connection = Connection("localhost")
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        sys.exit("%s: %d %s" % (path, answer.status, body.decode(errors="replace")))
    return json.loads(body)


json.dump({path: ask(path) for path in sys.argv[2:]}, sys.stdout)
