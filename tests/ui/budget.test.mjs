// What the front end may cost in bytes and in rows drawn, measured and printed. What it may cost in time
// depends on the machine: make ui-budgets.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { closeBrowser, login, openPage, visit } from './lib/browser.mjs';
import { Server } from './lib/server.mjs';

const FORM_MAX = 35_000;
const FIRST_LOAD_MAX = 120_000;
let server;
before(async () => {
	server = await Server.start();
});
after(async () => {
	await closeBrowser();
	await server?.stop();
});

it('the sign-in form needs the page, a script and a style, and no answer; all of the first load is below 120 kB, compressed', async (t) => {
	const page = await openPage(server);
	/* who is in is never answered here: the form does not wait for it */
	await page.route('**/api/auth/me', () => {});
	await page.addInitScript(() => {
		new MutationObserver((_, me) => {
			if (!document.querySelector('[name=email]')) return;
			window.first = performance.getEntriesByType('resource').map((e) => ({ path: new URL(e.name).pathname, bytes: e.encodedBodySize }));
			me.disconnect();
		}).observe(document, { childList: true, subtree: true });
	});
	const asked = [];
	page.on('request', (r) => asked.push(r));
	const bytes = async () => {
		let sum = 0;
		for (const r of asked) {
			const path = new URL(r.url()).pathname;
			if (path.startsWith('/api/') || !(await r.response())) continue;
			const { responseBodySize } = await r.sizes();
			t.diagnostic(`${responseBodySize} bytes ${path}`);
			sum += responseBodySize;
		}
		return sum;
	};
	await page.goto(server.url + '/');
	await page.waitForSelector('[name=email]:focus');
	const files = (await page.evaluate(() => window.first)).filter((f) => !/\.svg$|^\/api\//.test(f.path));
	assert.equal(files.length, 2, `beside the page script and style alone: ${files.map((f) => f.path)}`);
	const form = files.reduce((a, f) => a + f.bytes, 0);
	t.diagnostic(`sign-in form: ${form} bytes of ${FORM_MAX}`);
	assert.ok(form > 10_000 && form < FORM_MAX, String(form));
	await page.waitForFunction(() => performance.getEntriesByType('resource').filter((e) => /assets\/inside-/.test(e.name) && e.responseEnd).length >= 2);
	const total = await bytes();
	t.diagnostic(`first load: ${total} bytes of ${FIRST_LOAD_MAX}`);
	assert.ok(total > form && total < FIRST_LOAD_MAX, String(total));
	await page.settle();
});

it('of 10 000 patients only those on the screen are drawn', async (t) => {
	/* the list is forged at the door: this is about the screen; times are measured by make ui-budgets */
	const page = await openPage(server);
	await login(page, 'doctor@demo.test');
	const id = (n) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
	const patients = Array.from({ length: 10_000 }, (_, n) => ({ id: id(n), name: `Pessoa ${n} da Silva`, birthDate: '1980-01-01', sex: 'F', cpf: null, cns: null, motherName: null, version: 1, createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z', deletedAt: null }));
	await page.route('**/api/patients?*', (route) => {
		const q = new URL(route.request().url()).searchParams;
		const all = q.get('q') ? patients.filter((p) => p.name.toLowerCase().includes(q.get('q').toLowerCase())) : patients;
		const from = Number(q.get('cursor') ?? 0);
		return route.fulfill({ json: { items: all.slice(from, from + 100), nextCursor: from + 100 < all.length ? String(from + 100) : null } });
	});
	await visit(page, '/pacientes');
	await page.locator('.vlist a').first().waitFor();
	for (let i = 0; i < 60; i++) {
		await page.mouse.wheel(0, 4000);
		await page.waitForTimeout(20);
	}
	const drawn = await page.locator('.vlist li').count();
	t.diagnostic(`${drawn} rows drawn`);
	assert.ok(drawn > 5 && drawn < 60, `${drawn} rows`);
	await page.evaluate(() => window.scrollTo(0, 0));
	await page.fill('[name=q]', 'Pessoa 9876');
	await page.getByRole('link', { name: /Pessoa 9876/ }).waitFor();
	await page.settle();
});

it('of a chart of 1 000 records only those on the screen are drawn', async (t) => {
	const doctor = await server.as('doctor@demo.test');
	const patient = (await doctor('GET', '/api/patients?limit=1')).json.items[0];
	const one = (await doctor('GET', `/api/medical-records?patientId=${patient.id}&limit=1`)).json.items[0];
	const records = Array.from({ length: 1_000 }, (_, n) => ({ ...one, id: `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`, title: `Retorno ${n}` }));
	const page = await openPage(server);
	await login(page, 'doctor@demo.test');
	await page.route('**/api/medical-records?*', (route) => {
		const from = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0);
		return route.fulfill({ json: { items: records.slice(from, from + 50), nextCursor: from + 50 < records.length ? String(from + 50) : null } });
	});
	await visit(page, `/pacientes/${patient.id}`);
	await page.locator('.vlist a').first().waitFor();
	for (let i = 0; i < 200 && !(await page.getByText('Retorno 999', { exact: true }).count()); i++) {
		await page.mouse.wheel(0, 4000);
		await page.waitForTimeout(20);
	}
	await page.getByText('Retorno 999', { exact: true }).waitFor();
	const drawn = await page.locator('.vlist li').count();
	t.diagnostic(`${drawn} rows drawn`);
	assert.ok(drawn > 5 && drawn < 60, `${drawn} rows`);
	await page.settle();
});
