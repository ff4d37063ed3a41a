"""A bucket that speaks S3 over TLS and checks signatures, for the tests of backups."""
import pathlib
import shutil
import subprocess
import tempfile

from .postgres import free_port
from .process import ROOT, dies_with_us, plain_environment


class Bucket:
    """with Bucket() as bucket: Plantao(settings=bucket.settings())"""

    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="plantao-s3-"))
        self.cert, self.key = self.dir / "cert.pem", self.dir / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", self.key, "-out", self.cert], check=True, capture_output=True)
        self.port = free_port()
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    def start(self):
        self.process = subprocess.Popen(
            ["node", "--openssl-legacy-provider", f"{ROOT}/tests/backup/s3.js", self.dir / "data", self.cert, self.key, str(self.port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=plain_environment(),
            preexec_fn=dies_with_us())
        line = self.process.stdout.readline()
        assert line == "ready\n", f"the bucket server said {line!r}: is tests/backup/node_modules there? (tools/npm.sh tests/backup)"

    def stop(self):
        """As if the network were gone: connections are refused."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
            self.process.stdout.close()
        self.process = None

    def settings(self, prefix="clinic/a", secret="S3RVER"):
        return {"backup_s3_url": f"https://localhost:{self.port}/copies/{prefix}", "backup_s3_access_key": "S3RVER",
                "backup_s3_secret": secret, "backup_s3_ca_file": self.cert}

    def files(self):
        """name -> path of every object's bytes."""
        root = self.dir / "data/copies"
        return {str(p.relative_to(root)).removesuffix("._S3rver_object"): p for p in root.rglob("*._S3rver_object")}
