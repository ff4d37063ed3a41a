// serve.mjs - `npm run dev`: Vite with live reload against PLANTAO_URL, or against the mock when
// no server is named.
import { spawn } from 'node:child_process';
import { createServer } from 'vite';

let mock;
if (!process.env.PLANTAO_URL) {
	process.env.PLANTAO_URL = 'http://127.0.0.1:8099';
	mock = spawn(process.execPath, [new URL('./mock.mjs', import.meta.url).pathname, '--port', '8099'], { stdio: 'inherit' });
	process.on('exit', () => mock.kill());
}
const server = await createServer();
await server.listen();
server.printUrls();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
