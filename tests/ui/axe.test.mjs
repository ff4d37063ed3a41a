// Every screen in every theme and at both sizes: WCAG 2.2 AA by axe-core, no sideways scroll, and
// nothing in the console. A row of ui/src/inside.tsx that nobody is led to here fails.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { axe, closeBrowser, enter, fits, openPage, walk } from './lib/browser.mjs';
import { Server } from './lib/server.mjs';

let server;
let ids;
before(async () => {
	server = await Server.start();
	const doctor = await server.as('doctor@demo.test');
	const patient = (await doctor('GET', '/api/patients?limit=1')).json.items[0].id;
	const record = (await doctor('GET', `/api/medical-records?patientId=${patient}&limit=1`)).json.items[0].id;
	const { id, patientId } = (await doctor('GET', '/api/hansen/board')).json.items[0];
	const incident = await (await server.as('dpo@demo.test'))('POST', '/api/incidents', { kind: 'LOSS', title: 'Notebook perdido no ônibus' });
	assert.equal(incident.status, 201, JSON.stringify(incident.json));
	const entry = (await (await server.as('auditor@demo.test'))('GET', '/api/audit?limit=1')).json.items[0].id;
	const user = (await (await server.as('admin@demo.test'))('GET', '/api/users?limit=1')).json.items[0].id;
	ids = { patient, record, case: id, ill: patientId, incident: incident.json.id, entry, user };
});
after(async () => {
	await closeBrowser();
	await server?.stop();
});

const screens = {
	'doctor@demo.test': [
		'/', '/pacientes', '/pacientes/novo', '/pacientes/{patient}', '/pacientes/{patient}/dados', '/pacientes/{patient}/acessos', '/pacientes/{patient}/consentimentos', '/pacientes/{patient}/editar',
		'/pacientes/{patient}/registros/novo', '/registros', '/registros/{record}', '/registros/{record}/versoes', '/registros/{record}/editar', '/hanseniase/calculadoras',
		'/hanseniase/calculadoras/pqtu_dose', '/hanseniase/protocolo', '/hanseniase/assistente', '/hanseniase/casos', '/hanseniase/casos/{case}', '/hanseniase/casos/{case}/diagnostico',
		'/hanseniase/casos/{case}/contatos', '/hanseniase/casos/{case}/notificacao', '/hanseniase/casos/{case}/editar', '/hanseniase/indicadores', '/hanseniase/boletim', '/pacientes/{ill}/hanseniase', '/pacientes/{patient}/hanseniase/novo', '/conta', '/situacao', '/nada',
	],
	'admin@demo.test': ['/', '/pacientes', '/registros', '/registros/{record}', '/usuarios', '/usuarios/novo', '/usuarios/{user}', '/auditoria'],
	'auditor@demo.test': ['/', '/auditoria', '/auditoria/{entry}', '/pacientes'],
	'patient@demo.test': ['/', '/registros', '/conta'],
	'root@demo.test': ['/', '/instituicoes'],
	'dpo@demo.test': ['/', '/revisoes', '/privacidade', '/privacidade/termos', '/privacidade/tratamento', '/privacidade/certificados', '/incidentes', '/incidentes/novo', '/incidentes/{incident}'],
	'reception@demo.test': ['/', '/pacientes'],
};

const themes = { desktop: ['light', 'dark', 'contrast'], phone: ['light', 'dark'] };

/* the screens there are, as the front end itself lists them; the first row that fits is shown */
const rows = [...readFileSync(new URL('../../ui/src/inside.tsx', import.meta.url), 'utf8').matchAll(/\{ path: '([^']+)', screen: /g)].map(([, path]) => ({
	path,
	fits: new RegExp(`^${path.replace(/\/:\w+\?/g, '(/[^/]+)?').replace(/:\w+/g, '[^/]+')}$`),
}));
/** The row whose screen is on the page; none when the page is a refusal. */
async function rowOf(page, path) {
	const refused = page.locator('main [role=alert]').or(page.locator('main .blank', { hasText: 'Seu papel não usa esta tela' }));
	return (await refused.count()) ? undefined : rows.find((r) => r.fits.test(path))?.path;
}

for (const size of ['desktop', 'phone'])
	describe(size, () => {
		const seen = new Set();
		it('signing in', async () => {
			const page = await openPage(server, { size });
			await page.goto(server.url + '/');
			await page.waitForSelector('[name=email]');
			await axe(page, 'sign-in', themes[size]);
			await fits(page, 'sign-in');
			await page.settle();
		});
		for (const [who, paths] of Object.entries(screens))
			it(`screens of ${who}`, async () => {
				const page = await openPage(server, { size });
				await enter(page, server, who);
				for (const path of paths) {
					const to = path.replace(/\{(\w+)\}/, (_, name) => ids[name]);
					await walk(page, to);
					seen.add(await rowOf(page, to));
					await axe(page, path, themes[size]);
					await fits(page, path);
				}
				await page.settle();
			});
		it('every row of the front end was among them', () => {
			assert.ok(rows.length > 20, 'the rows are read');
			assert.deepEqual(rows.map((r) => r.path).filter((p) => !seen.has(p)), []);
		});
		it('palette and menu', async () => {
			const page = await openPage(server, { size });
			await enter(page, server, 'doctor@demo.test');
			await page.keyboard.press('Control+k');
			await page.waitForSelector('[role=combobox]');
			await axe(page, 'palette', themes[size]);
			await page.keyboard.press('Escape');
			await page.click('.menu summary');
			await axe(page, 'menu', themes[size]);
			await page.settle();
		});
	});
