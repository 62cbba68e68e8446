"""A small Kubernetes client on the standard library: requests, and list-then-watch."""

import json
import ssl
import threading
import time
import urllib.error
import urllib.request

STRATEGIC = "application/strategic-merge-patch+json"
REQUEST_TIMEOUT = 30
WATCH_SECONDS = 300


def add_access_options(parser):
    """Gives an argument parser the options that Kube needs; the token stays in a file, away from the process list."""
    parser.add_argument("--server", required=True, help="address of the API server")
    parser.add_argument("--token-file", required=True, help="file with the bearer token")
    parser.add_argument("--ca", required=True, help="file with the certificate authority")


class Kube:
    """Talks to one API server as one user."""

    def __init__(self, options):
        self.server = options.server
        self.tls = ssl.create_default_context(cafile=options.ca)
        with open(options.token_file) as file:
            self.token = file.read().strip()

    def _open(self, method, path, body, content_type, timeout):
        data = None if body is None else json.dumps(body).encode()
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/json",
            "Content-Type": content_type,
        }
        request = urllib.request.Request(self.server + path, data, headers, method=method)
        return urllib.request.urlopen(request, context=self.tls, timeout=timeout)

    def call(self, method, path, body=None, content_type="application/json", ok=()):
        """The decoded answer; None for an HTTP status named in `ok` (for example 404). Other errors raise HTTPError."""
        try:
            with self._open(method, path, body, content_type, REQUEST_TIMEOUT) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code in ok:
                return None
            error.msg = f"{error.msg}: {error.read(2000).decode(errors='replace')}"
            raise

    def get(self, path, ok=()):
        """The decoded answer to a GET."""
        return self.call("GET", path, ok=ok)

    def watch(self, path, on_list, on_event):
        """Runs for ever: on_list(objects) after every full list, on_event(type, object) for each change after it."""
        while True:
            try:
                self._list_and_watch(path, on_list, on_event)
            except Exception as error:  # the API server went away, or an object was odd: list again
                print(f"watch {path}: {error!r}", flush=True)
                time.sleep(1)

    def _list_and_watch(self, path, on_list, on_event):
        listed = self.get(path)
        on_list(listed["items"])
        version, separator = listed["metadata"]["resourceVersion"], "&" if "?" in path else "?"
        while version:
            query = f"watch=1&allowWatchBookmarks=true&timeoutSeconds={WATCH_SECONDS}&resourceVersion={version}"
            with self._open("GET", path + separator + query, None, "application/json", WATCH_SECONDS + 30) as lines:
                for line in lines:
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        version = None
                        break
                    version = event["object"]["metadata"]["resourceVersion"]
                    if event["type"] != "BOOKMARK":
                        on_event(event["type"], event["object"])

    def watch_in_background(self, path, on_list, on_event):
        """The same as `watch`, in a thread that ends with the process."""
        threading.Thread(target=self.watch, args=(path, on_list, on_event), daemon=True).start()
