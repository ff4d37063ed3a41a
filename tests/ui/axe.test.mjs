// Every screen in every theme and at both sizes: WCAG 2.2 AA by axe-core, no sideways scroll, and
// nothing in the console.
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
	ids = { patient, record, case: id, ill: patientId };
});
after(async () => {
	await closeBrowser();
	await server?.stop();
});

const screens = {
	'doctor@demo.test': [
		'/', '/pacientes', '/pacientes/novo', '/pacientes/{patient}', '/pacientes/{patient}/dados', '/pacientes/{patient}/acessos', '/pacientes/{patient}/consentimentos', '/pacientes/{patient}/editar',
		'/pacientes/{patient}/registros/novo', '/registros', '/registros/{record}', '/registros/{record}/versoes', '/hanseniase/calculadoras',
		'/hanseniase/calculadoras/pqtu_dose', '/hanseniase/protocolo', '/hanseniase/assistente', '/hanseniase/casos', '/hanseniase/casos/{case}', '/hanseniase/casos/{case}/diagnostico',
		'/hanseniase/casos/{case}/contatos', '/hanseniase/casos/{case}/notificacao', '/hanseniase/casos/{case}/editar', '/hanseniase/indicadores', '/hanseniase/boletim', '/pacientes/{ill}/hanseniase', '/pacientes/{patient}/hanseniase/novo', '/conta', '/situacao', '/nada',
	],
	'admin@demo.test': ['/', '/pacientes', '/registros', '/registros/{record}', '/usuarios', '/usuarios/novo', '/auditoria'],
	'auditor@demo.test': ['/', '/auditoria', '/pacientes'],
	'patient@demo.test': ['/', '/registros', '/conta'],
	'root@demo.test': ['/', '/instituicoes'],
	'dpo@demo.test': ['/', '/revisoes', '/privacidade', '/privacidade/termos', '/privacidade/tratamento', '/privacidade/certificados'],
	'reception@demo.test': ['/', '/pacientes'],
};

/* colours do not change with the size: the other themes are looked at once */
const themes = { desktop: ['light', 'dark', 'contrast'], phone: ['light'] };

for (const size of ['desktop', 'phone'])
	describe(size, () => {
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
					await walk(page, path.replace(/\{(\w+)\}/, (_, name) => ids[name]));
					await axe(page, path, themes[size]);
					await fits(page, path);
				}
				await page.settle();
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
