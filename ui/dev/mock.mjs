// mock.mjs [--port N] [--dist] : a stand-in for the server while one works on the screens alone
// (`npm run dev`). Everything is invented and in memory; it is never part of the program and no
// test of the product counts on it. With --dist it serves the built front end under the real CSP.
import { createServer } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { calculate } from './mock-calc.mjs';

const arg = (name) => process.argv.includes(name);
const port = Number(process.argv[process.argv.indexOf('--port') + 1]) || 8080;
const dist = fileURLToPath(new URL('../dist', import.meta.url));
const CSP = "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'";

let seed = 7;
const rnd = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
const pick = (a) => a[Math.floor(rnd() * a.length)];
let clock = Date.parse('2026-01-05T08:00:00Z');
const uuid = () => {
	const t = (clock += 37_000_000 * rnd()).toString(16).split('.')[0].padStart(12, '0');
	const r = () => Math.floor(rnd() * 65536).toString(16).padStart(4, '0');
	return `${t.slice(0, 8)}-${t.slice(8, 12)}-7${r().slice(1)}-8${r().slice(1)}-${r()}${r()}${r()}`;
};
const cpf = () => {
	const d = Array.from({ length: 9 }, () => Math.floor(rnd() * 10));
	for (const n of [9, 10]) {
		let s = 0;
		for (let i = 0; i < n; i++) s += d[i] * (n + 1 - i);
		d.push(s % 11 < 2 ? 0 : 11 - (s % 11));
	}
	return d.join('');
};

const first = ['Maria', 'José', 'Ana', 'João', 'Francisca', 'Antônio', 'Luzia', 'Raimundo', 'Terezinha', 'Sebastião', 'Conceição', 'Benedito'];
const last = ['da Silva', 'dos Santos', 'Oliveira', 'Souza', 'Lima', 'Pereira', 'Araújo', 'Barbosa', 'Nascimento', 'Gonçalves'];
const users = [
	['root@demo.test', 'Rita Plataforma', 'SUPERADMIN'],
	['admin@demo.test', 'Alice Administradora', 'ADMIN'],
	['doctor@demo.test', 'Dra. Helena Prado', 'DOCTOR'],
	['doctor2@demo.test', 'Dr. Otávio Reis', 'DOCTOR'],
	['nurse@demo.test', 'Enf. Nair Campos', 'NURSE'],
	['patient@demo.test', 'Maria da Silva', 'PATIENT'],
	['auditor@demo.test', 'Ulisses Auditor', 'AUDITOR'],
	['dpo@demo.test', 'Dora Encarregada', 'DPO'],
].map(([email, name, role]) => ({ id: uuid(), email, name, role, tenantId: 't', totpEnabled: false, passwordMustChange: false, disabledAt: null, version: 1, createdAt: '2026-01-02T10:00:00Z', lastLoginAt: null }));
const doctor = users[2];
const many = Number(process.env.MOCK_PATIENTS ?? 60);
const patients = Array.from({ length: many }, (_, i) => ({
	id: uuid(),
	name: i === 0 ? 'Maria da Silva' : `${pick(first)} ${pick(first)} ${pick(last)}`,
	birthDate: `${1935 + Math.floor(rnd() * 85)}-0${1 + Math.floor(rnd() * 9)}-1${Math.floor(rnd() * 10)}`,
	sex: pick(['F', 'M']), cpf: cpf(), cns: null, motherName: `${pick(first)} ${pick(last)}`, phone: '11987654321', email: null,
	address: 'Rua das Acácias, 120, Recife/PE', identifiers: i === 3 ? [{ system: 'urn:synthea', value: '77-AB', verified: false }] : null,
	source: null, version: 1, createdAt: '2026-02-01T12:00:00Z', updatedAt: '2026-02-01T12:00:00Z', deletedAt: null,
}));
const topics = [
	['Consulta de rotina', 'Hipertensão arterial sistêmica controlada', 'Losartana 50 mg/dia'],
	['Avaliação neurológica simplificada', 'Hanseníase dimorfa (A30.3), MB', 'PQT-U adulto, 3ª dose supervisionada'],
	['Retorno', 'Diabetes mellitus tipo 2', 'Metformina 850 mg 2×/dia'],
	['Dor no pé esquerdo', 'Úlcera plantar em área sem sensibilidade', 'Curativo, repouso, palmilha'],
];
const records = [];
for (const p of patients)
	for (let n = 0; n < (p === patients[0] ? Number(process.env.MOCK_RECORDS ?? 40) : 3); n++) {
		const [title, diagnosis, treatment] = pick(topics);
		const at = new Date(Date.parse('2026-03-01T08:00:00Z') + n * 86_400_000 * 3 + rnd() * 3e7).toISOString();
		const id = uuid();
		records.unshift({ id, patientId: p.id, doctorId: doctor.id, title, diagnosis, treatment, notes: 'Orientada sobre retorno em 28 dias.\nExame dos contatos agendado.', priority: pick(['CRITICAL', 'HIGH', 'NORMAL', 'NORMAL', 'LOW']), version: 1, createdAt: at, updatedAt: at, deletedAt: null, past: [] });
	}
const audit = Array.from({ length: 400 }, () => {
	const d = new Date(Date.parse('2026-11-01T00:00:00Z') + Math.floor(rnd() * 28) * 86_400_000 + (7 + Math.floor(rnd() * rnd() * 16)) * 3_600_000);
	return { id: uuid(), at: d.toISOString(), event: pick(['patient.read', 'record.read', 'record.read', 'auth.login', 'record.create', 'patient.list', 'access.refused']), actorId: pick(users).id, role: 'DOCTOR', subjectId: pick(records).id, patientId: pick(patients).id, address: '10.0.0.7', requestId: uuid(), status: pick([200, 200, 200, 403]), reason: null, route: 'GET /api/patients/{id}' };
}).sort((a, b) => b.at.localeCompare(a.at));

const sessions = new Map();
const failures = new Map();
const page = (all, query) => {
	const limit = Number(query.get('limit') ?? 20);
	const from = Number(query.get('cursor') ?? 0);
	return { items: all.slice(from, from + limit), nextCursor: from + limit < all.length ? String(from + limit) : null };
};
const fold = (s) => (s ?? '').normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase();
const out = (r) => ({ ...r, past: undefined });
const clinicalOf = (who, r) => (who.role === 'ADMIN' ? { ...out(r), title: null, diagnosis: null, treatment: null, notes: null, masked: ['title', 'diagnosis', 'treatment', 'notes'] } : out(r));
class Refusal extends Error {
	constructor(status, code, more = {}) {
		super(code);
		Object.assign(this, { status, code, more });
	}
}
const mine = (who) => (who.email === 'doctor2@demo.test' ? [] : who.role === 'PATIENT' ? [patients[0]] : patients).filter((p) => !p.deletedAt);
const find = (all, id) => all.find((x) => x.id === id) ?? (() => { throw new Refusal(404, 'NOT_FOUND'); })();
const demand = (who, roles) => { if (!roles.includes(who.role)) throw new Refusal(403, 'FORBIDDEN', { title: 'Sem permissão' }); };

function login({ body }) {
	const n = failures.get(body.email) ?? 0;
	if (n >= 5) throw new Refusal(429, 'LOCKED_OUT', { retryAfter: 8, title: 'Tentativas demais; aguarde' });
	const u = users.find((x) => x.email === body.email);
	if (!u || body.password !== 'plantao-demo-2026') {
		failures.set(body.email, n + 1);
		throw new Refusal(401, 'CREDENTIALS');
	}
	if (u.totpEnabled && !body.totp) throw new Refusal(401, 'TOTP_REQUIRED');
	failures.delete(body.email);
	const token = uuid();
	sessions.set(token, u);
	return { json: { token, expiresAt: '2026-12-31T00:00:00Z', user: u }, headers: { 'set-cookie': `plantao=${token}; HttpOnly; SameSite=Strict; Path=/` } };
}
const routes = [
	['POST', '/api/auth/login', login, true],
	['POST', '/api/auth/logout', ({ token }) => (sessions.delete(token), { status: 204 })],
	['GET', '/api/auth/me', ({ who }) => ({ json: who })],
	['POST', '/api/auth/password', () => ({ status: 204 })],
	['POST', '/api/auth/totp', () => ({ json: { secret: 'JBSWY3DPEHPK3PXPJBSWY3DP', uri: 'otpauth://totp/Plantao:demo?secret=JBSWY3DPEHPK3PXPJBSWY3DP&issuer=Plantao' } })],
	['POST', '/api/auth/totp/confirm', ({ who, body }) => { if (body.code !== '123456') throw new Refusal(422, 'INVALID', { errors: [{ field: 'code', code: 'format', message: 'Código incorreto' }] }); who.totpEnabled = true; return { json: {} }; }],
	['GET', '/api/auth/sessions', ({ who }) => ({ json: { items: [{ id: 'a', createdAt: '2026-11-29T08:00:00Z', seenAt: '2026-11-30T08:00:00Z', expiresAt: '2026-12-01T08:00:00Z', address: '10.0.0.7', agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/120', current: true }, { id: 'b', createdAt: '2026-11-28T08:00:00Z', seenAt: '2026-11-28T18:00:00Z', expiresAt: '2026-12-01T08:00:00Z', address: '10.0.0.9', agent: 'Mozilla/5.0 (Android 14) Firefox/130', current: false }], who: who.id } })],
	['GET', '/api/patients', ({ who, query }) => {
		demand(who, ['ADMIN', 'DOCTOR', 'NURSE', 'RECEPTIONIST', 'PATIENT']);
		const words = fold(query.get('q')).split(/\s+/).filter(Boolean);
		return { json: page(mine(who).filter((p) => words.every((w) => fold(p.name).split(' ').some((x) => x.startsWith(w)))), query) };
	}],
	['POST', '/api/patients', ({ body }) => {
		if (patients.some((p) => p.cpf && p.cpf === body.cpf)) throw new Refusal(422, 'INVALID', { errors: [{ field: 'cpf', code: 'taken', message: 'Já está em uso' }] });
		const p = { ...patients[1], identifiers: null, ...body, id: uuid(), version: 1, createdAt: new Date().toISOString(), updatedAt: new Date().toISOString() };
		patients.unshift(p);
		return { status: 201, json: p };
	}],
	['GET', '/api/patients/:id', ({ who, id }) => ({ json: find(mine(who), id) })],
	['PUT', '/api/patients/:id', ({ who, id, body }) => ({ json: Object.assign(find(mine(who), id), body, { version: find(patients, id).version + 1 }) })],
	['DELETE', '/api/patients/:id', ({ id }) => ((find(patients, id).deletedAt = new Date().toISOString()), { status: 204 })],
	['GET', '/api/patients/:id/access-log', ({ id, query }) => ({ json: page(audit.slice(0, 30).map((a) => ({ id: a.id, at: a.at, event: a.event, actorId: a.actorId, actorName: users.find((u) => u.id === a.actorId).name, actorRole: users.find((u) => u.id === a.actorId).role, reason: null, address: a.address, patientId: id })), query) })],
	['GET', '/api/medical-records', ({ who, query }) => {
		const ids = new Set(mine(who).map((p) => p.id));
		const words = fold(query.get('q')).split(/\s+/).filter(Boolean);
		const deleted = query.get('deleted') === 'true';
		const all = records.filter((r) => ids.has(r.patientId) && !!r.deletedAt === deleted && (!query.get('patientId') || r.patientId === query.get('patientId')) && (!query.get('priority') || r.priority === query.get('priority')) && words.every((w) => fold(`${r.title} ${r.diagnosis} ${r.treatment} ${r.notes}`).includes(w)));
		return { json: page(all.map((r) => clinicalOf(who, r)), query) };
	}],
	['POST', '/api/medical-records', ({ who, body }) => {
		const now = new Date().toISOString();
		if (/recuse/.test(body.title)) throw new Refusal(422, 'INVALID', { errors: [{ field: 'title', code: 'control', message: 'Contém caractere de controle' }] });
		const r = { ...body, priority: body.priority ?? 'NORMAL', id: uuid(), doctorId: who.id, version: 1, createdAt: now, updatedAt: now, deletedAt: null, past: [] };
		records.unshift(r);
		return { status: 201, json: out(r) };
	}],
	['GET', '/api/medical-records/:id', ({ who, id }) => ({ json: clinicalOf(who, find(records, id)) })],
	['PUT', '/api/medical-records/:id', ({ id, body }) => {
		const r = find(records, id);
		if (body.version !== r.version) throw new Refusal(409, 'STALE', { currentVersion: r.version, title: 'O registro mudou; recarregue' });
		r.past.push({ ...out(r), recordId: r.id, authorId: r.doctorId, at: r.updatedAt });
		Object.assign(r, body, { version: r.version + 1, updatedAt: new Date().toISOString() });
		return { json: out(r) };
	}],
	['DELETE', '/api/medical-records/:id', ({ id }) => ((find(records, id).deletedAt = new Date().toISOString()), { status: 204 })],
	['POST', '/api/medical-records/:id/restore', ({ id }) => ((find(records, id).deletedAt = null), { json: out(find(records, id)) })],
	['GET', '/api/medical-records/:id/versions', ({ id }) => { const r = find(records, id); return { json: { items: [...r.past, { ...out(r), recordId: r.id, authorId: r.doctorId, at: r.updatedAt }] } }; }],
	['GET', '/api/users', ({ who, query }) => (demand(who, ['ADMIN']), { json: page(users, query) })],
	['POST', '/api/users', ({ body }) => { const u = { ...users[1], ...body, id: uuid(), version: 1 }; users.push(u); return { status: 201, json: u }; }],
	['GET', '/api/users/:id', ({ id }) => ({ json: find(users, id) })],
	['PUT', '/api/users/:id', ({ id, body }) => ({ json: Object.assign(find(users, id), body) })],
	['GET', '/api/audit', ({ who, query }) => (demand(who, ['AUDITOR', 'ADMIN', 'DPO']), { json: page(audit.filter((a) => (!query.get('event') || a.event === query.get('event')) && (!query.get('actor') || a.actorId === query.get('actor'))), query) })],
	['GET', '/api/audit/:id', ({ id }) => ({ json: find(audit, id) })],
	['GET', '/api/audit/:id/proof', () => ({ json: { leaf: 'aa'.repeat(32), index: 0, size: 1, path: [], root: 'aa'.repeat(32) } })],
	['POST', '/api/hansen/calculators/:id', ({ id, body }) => ({ json: calculate(id, body) ?? (() => { throw new Refusal(404, 'NOT_FOUND'); })() })],
	['GET', '/health', () => ({ json: { status: 'ok', checks: { database: { status: 'ok', ms: 1 }, disk: { status: 'ok', freeGb: 120 }, memory: { status: 'ok' }, clock: { status: 'ok' } } } }), true],
	['GET', '/live', () => ({ json: { status: 'ok' } }), true],
];
let served = 0;
function metrics() {
	served += 20 + Math.floor(Math.random() * 30);
	return `plantao_http_requests_total{route="GET /x"} ${served}\nplantao_http_responses_total{status="200"} ${served}\nplantao_http_request_seconds_sum{route="x"} ${served * 0.0004}\nplantao_http_request_seconds_count{route="x"} ${served}\nplantao_http_connections ${3 + Math.floor(Math.random() * 4)}\nplantao_start_time_seconds ${Date.now() / 1000 - 86400}\nplantao_resident_memory_bytes 61000000\n`;
}
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };
function file(path, res) {
	const at = join(dist, path);
	const found = path !== '/' && at.startsWith(dist) && existsSync(at);
	const name = found ? at : join(dist, 'index.html');
	res.writeHead(200, { 'content-type': types[extname(name)] ?? 'application/octet-stream', 'content-security-policy': CSP, 'x-content-type-options': 'nosniff', 'cache-control': found ? 'public, max-age=31536000, immutable' : 'no-cache' });
	res.end(readFileSync(name));
}

createServer(async (req, res) => {
	const url = new URL(req.url, 'http://x');
	const send = (status, json, headers = {}) => {
		res.writeHead(status, { 'content-type': status >= 400 ? 'application/problem+json' : 'application/json', 'cache-control': 'no-store', ...headers });
		res.end(json === undefined ? '' : JSON.stringify(json));
	};
	try {
		if (url.pathname === '/metrics') return res.end(metrics());
		let text = '';
		for await (const part of req) text += part;
		for (const [method, path, act, open] of routes) {
			const m = new RegExp('^' + path.replace(':id', '([^/]+)') + '$').exec(url.pathname);
			if (!m || method !== req.method) continue;
			const token = /plantao=([^;]+)/.exec(req.headers.cookie ?? '')?.[1];
			const who = sessions.get(token);
			if (!open && !who) throw new Refusal(401, 'UNAUTHENTICATED');
			const r = act({ who, token, id: m[1], query: url.searchParams, body: text ? JSON.parse(text) : undefined });
			return send(r.status ?? 200, r.json, r.headers);
		}
		if (url.pathname.startsWith('/api/')) throw new Refusal(404, 'NOT_FOUND');
		if (arg('--dist')) return file(url.pathname, res);
		throw new Refusal(404, 'NOT_FOUND');
	} catch (e) {
		if (!(e instanceof Refusal)) console.error(e);
		const { retryAfter, ...more } = e.more ?? {};
		send(e.status ?? 500, { type: 'about:blank', title: '', status: e.status ?? 500, code: e.code ?? 'INTERNAL', requestId: 'mock', ...more }, retryAfter ? { 'retry-after': String(retryAfter) } : {});
	}
}).listen(port, '127.0.0.1', () => console.log(`mock on http://127.0.0.1:${port}`));
