// s3.js DIRECTORY CERT KEY PORT: a bucket "copies" that checks SigV4, until its standard input closes.
// It prints "ready" when it listens.  Its pages of listings need node --openssl-legacy-provider.  The package names a newer Node.js for its command line; as a library it runs on 18.
const fs = require("fs");
const path = require("path");
const home = path.join(__dirname, "node_modules/@20minutes/s3rver/lib/s3rver.js");
const S3rver = require(home);

// The package forgets the slash at the end of a bucket's path when it makes what must have been signed; S3 and
// pgBackRest, which lists "/copies/", do not.
const { AsyncLocalStorage } = require("async_hooks");
const v4 = require(path.join(path.dirname(home), "signature/v4.js"));
const asked = new AsyncLocalStorage();
const text = v4.getStringToSign;
v4.getStringToSign = (request, ...more) => {
  const slash = asked.getStore().endsWith("/") && !request.uri.endsWith("/") ? "/" : "";
  return text({ ...request, uri: request.uri + slash }, ...more);
};

const [directory, cert, key, port] = process.argv.slice(2);
const server = new S3rver({
  address: "127.0.0.1", port: Number(port), directory, silent: true, vhostBuckets: false,
  key: fs.readFileSync(key), cert: fs.readFileSync(cert), configureBuckets: [{ name: "copies" }],
});
server.middleware.unshift((ctx, next) => asked.run(ctx.path, next));
server.run((error) => {
  if (error) throw error;
  console.log("ready");
});
process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
