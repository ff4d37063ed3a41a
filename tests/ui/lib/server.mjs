// server.mjs - the program under test, started as an operator starts it: --demo, in a directory of
// its own, any free port. PLANTAO_UI_MOCK=1 takes ui/dev/mock.mjs instead, for work on the tests alone.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
export const mocked = process.env.PLANTAO_UI_MOCK === '1';
const program = process.env.TESTED_PROGRAM ?? join(root, 'build', 'plantao');

function freePort() {
	return new Promise((done, fail) => {
		const s = createServer();
		s.on('error', fail);
		s.listen(0, '127.0.0.1', () => {
			const { port } = s.address();
			s.close(() => done(port));
		});
	});
}

/** Both engines; PostgreSQL is the one that with-postgres.py started for the run. */
export const engines = mocked ? ['mock'] : ['sqlite', 'postgres'];
/** Settings of a server on that engine; on PostgreSQL in the database of this test file. */
export function on(engine, file) {
	if (engine !== 'postgres') return {};
	const address = process.env.PLANTAO_UI_POSTGRES;
	if (!address) throw new Error('no PostgreSQL: run the tests with tools/test-ui.sh');
	return { database_url: address + basename(fileURLToPath(file)).split('.')[0] };
}

export class Server {
	/** seed: arguments of `plantao seed`, for a store of any size. */
	static async start(settings = {}, seed) {
		const s = new Server();
		s.dir = mkdtempSync(join(tmpdir(), 'plantao-ui-'));
		s.port = await freePort();
		s.settings = settings;
		s.url = `http://127.0.0.1:${s.port}`;
		if (seed) execFileSync(program, ['seed', ...seed], { cwd: s.dir, env: s.environment(), stdio: ['ignore', 'ignore', 'inherit'] });
		await s.up();
		return s;
	}

	environment() {
		const environment = { PATH: process.env.PATH, HOME: this.dir, LANG: 'C.UTF-8' };
		const set = {
			listen: `127.0.0.1:${this.port}`, data_dir: join(this.dir, 'data'), rate_limit_read_per_min: 0, rate_limit_write_per_min: 0,
			rate_limit_login_per_min: 0, health_disk_free_mib: 1, health_memory_percent: 100, ...this.settings,
		};
		for (const [k, v] of Object.entries(set)) environment[`PLANTAO_${k.toUpperCase()}`] = String(v);
		return environment;
	}

	async up() {
		const environment = this.environment();
		const [command, args] = mocked
			? [process.execPath, [join(root, 'ui/dev/mock.mjs'), '--dist', '--port', String(this.port)]]
			: [program, ['serve', '--demo']];
		this.log = '';
		this.leaving = false;
		this.process = spawn(command, args, { cwd: this.dir, env: { ...environment, ...(mocked ? { MOCK_PATIENTS: '400' } : {}) } });
		for (const stream of [this.process.stdout, this.process.stderr]) stream.on('data', (d) => (this.log = (this.log + d).slice(-20_000)));
		let gone = false;
		this.process.on('exit', (code, signal) => {
			gone = true;
			if (!this.leaving) console.log(`# the server went by itself: ${code ?? signal}\n${this.log.replace(/^/gm, '# ')}`);
		});
		this.process.on('error', (e) => ((gone = true), (this.log += e)));
		for (let i = 0; i < 600; i++) {
			if (gone) throw new Error(`the server did not start: ${this.log}`);
			if (await fetch(this.url + '/ready').then((r) => r.ok || mocked, () => false)) return;
			await new Promise((go) => setTimeout(go, 100));
		}
		throw new Error(`the server did not get ready: ${this.log}`);
	}

	async down() {
		const p = this.process;
		this.leaving = true;
		if (!p || p.exitCode !== null) return;
		const gone = new Promise((go) => p.once('exit', go));
		p.kill('SIGTERM');
		const timer = setTimeout(() => p.kill('SIGKILL'), 15_000);
		await gone;
		clearTimeout(timer);
	}

	async stop() {
		await this.down();
		rmSync(this.dir, { recursive: true, force: true });
	}

	/** Signs in beside the browser, to prepare data: returns fetch with that session. */
	async as(email, password = 'plantao-demo-2026') {
		const r = await fetch(this.url + '/api/auth/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email, password }) });
		const { token, user } = await r.json();
		const cookie = r.headers.get('set-cookie')?.split(';')[0];
		const call = async (method, path, body, more = {}) => {
			const a = await fetch(this.url + path, {
				method,
				headers: { ...(mocked ? { cookie } : { authorization: `Bearer ${token}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...more },
				body: body === undefined ? undefined : JSON.stringify(body),
			});
			const text = await a.text();
			return { status: a.status, json: text ? JSON.parse(text) : undefined, headers: a.headers };
		};
		return Object.assign(call, { user, cookie, token });
	}
}

let axeText;
export const axeSource = () => (axeText ??= readFileSync(fileURLToPath(new URL('../node_modules/axe-core/axe.min.js', import.meta.url)), 'utf8'));
