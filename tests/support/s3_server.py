"""An object store of our own: the part of S3's protocol that the score store speaks, in memory, on a loopback port."""

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import ClassVar
from urllib.parse import parse_qs, quote, unquote, urlsplit
from urllib.request import urlopen
from xml.sax.saxutils import escape, unescape

OPTIONS = {
    "aws_access_key_id": "tester",
    "aws_secret_access_key": "open sesame",
    "aws_region": "eu-central-1",
    "aws_allow_http": "true",
}


_NOW = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class _S3(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    objects: ClassVar[dict[str, bytes]] = {}
    uploads: ClassVar[dict[str, dict[int, bytes]]] = {}
    lock: ClassVar[Lock] = Lock()

    def log_message(self, *_: object) -> None:
        pass

    def do_PUT(self) -> None:
        key, query, body = self._asked()
        with self.lock:
            if "uploadId" in query:
                self.uploads[query["uploadId"]][int(query["partNumber"])] = body
            elif self.headers.get("If-None-Match") == "*" and key in self.objects:
                return self._answer(412)
            else:
                self.objects[key] = body
        return self._answer(200, etag=body)

    def do_POST(self) -> None:
        key, query, body = self._asked()
        with self.lock:
            if "uploads" in query:
                number = str(len(self.uploads) + 1)
                self.uploads[number] = {}
                text = f"<InitiateMultipartUploadResult><UploadId>{number}</UploadId></InitiateMultipartUploadResult>"
            elif "uploadId" in query:
                parts = self.uploads.pop(query["uploadId"])
                self.objects[key] = b"".join(parts[number] for number in sorted(parts))
                text = "<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>"
            else:
                gone = re.findall(r"<Key>(.*?)</Key>", body.decode())
                for name in gone:
                    self.objects.pop(f"{key.rstrip('/')}/{unescape(name)}", None)
                told = "".join(f"<Deleted><Key>{name}</Key></Deleted>" for name in gone)
                text = f"<DeleteResult>{told}</DeleteResult>"
        self._answer(200, text.encode())

    def do_GET(self) -> None:
        key, query, _ = self._asked()
        if "list-type" in query:
            return self._answer(200, self._listed(key.rstrip("/") + "/", query).encode())
        held = self.objects.get(key)
        if held is None:
            return self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        part = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if not part:
            return self._answer(200, held, etag=held)
        begin = int(part[1]) if part[1] else max(0, len(held) - int(part[2]))
        end = min(int(part[2]) + 1, len(held)) if part[1] and part[2] else len(held)
        return self._answer(206, held[begin:end], held, f"bytes {begin}-{end - 1}/{len(held)}")

    do_HEAD = do_GET  # noqa: N815  # the server's own way of naming

    def do_DELETE(self) -> None:
        key, query, _ = self._asked()
        with self.lock:
            if "uploadId" in query:
                self.uploads.pop(query["uploadId"], None)
            else:
                self.objects.pop(key, None)
        self._answer(204)

    def _asked(self) -> tuple[str, dict[str, str], bytes]:
        parts = urlsplit(self.path)
        key = unquote(parts.path).lstrip("/")  # the bucket, then the name
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        return key, query, self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _listed(self, bucket: str, query: dict[str, str]) -> str:
        prefix, delimiter, after = query.get("prefix", ""), query.get("delimiter"), query.get("start-after", "")
        with self.lock:
            names = sorted(key.removeprefix(bucket) for key in self.objects if key.startswith(bucket + prefix))
        there = [name for name in names if name > after]
        beyond = {name: name[len(prefix) :].partition(delimiter) if delimiter else (name, "", "") for name in there}
        heads = {prefix + head + cut for head, cut, _ in beyond.values() if cut}
        contents = "".join(
            f"<Contents><Key>{escape(name)}</Key><LastModified>{_NOW}</LastModified>"
            f"<ETag>{_etag(held := self.objects[bucket + name])}</ETag><Size>{len(held)}</Size></Contents>"
            for name, (_, cut, _) in beyond.items()
            if not cut
        )
        common = "".join(f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>" for one in sorted(heads))
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{contents}{common}</ListBucketResult>"

    def _answer(self, code: int, body: bytes = b"", etag: bytes | None = None, span: str | None = None) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", formatdate(usegmt=True))
        if etag is not None:
            self.send_header("ETag", f'"{_etag(etag)}"')
        if span:
            self.send_header("Content-Range", span)
        self.end_headers()
        if self.command != "HEAD":
            with suppress(ConnectionError):  # who has read enough hangs up
                self.wfile.write(body)


def _etag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]


@contextmanager
def s3_server() -> Iterator[dict[str, str]]:
    """The storage options of a running server; a process of its own, since its clients hold the interpreter's lock."""
    with subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield {**OPTIONS, "aws_endpoint": f"http://127.0.0.1:{int(process.stdout.readline())}"}
        finally:
            process.kill()


def held(options: dict[str, str], bucket: str) -> dict[str, bytes]:
    """Every object of a bucket."""
    with urlopen(f"{options['aws_endpoint']}/{bucket}?list-type=2") as answer:
        names = re.findall("<Key>(.*?)</Key>", answer.read().decode())
    found = {}
    for name in names:
        with urlopen(f"{options['aws_endpoint']}/{bucket}/{quote(name)}") as answer:
            found[name] = answer.read()
    return found


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), _S3) as serving:
        print(serving.server_address[1], flush=True)
        serving.serve_forever()
