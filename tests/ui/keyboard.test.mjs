// A doctor with the keyboard alone: sign in, find a patient, write a record, resolve a conflict,
// open a hanseníase case, compute the dose, print the notification. The mouse is never touched; the focus is never lost.
import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { becomes, closeBrowser, holds, openPage, ready } from './lib/browser.mjs';
import { engines, on, Server } from './lib/server.mjs';

after(closeBrowser);

const focused = (page) => page.evaluate(() => {
	const e = document.activeElement;
	return { tag: e?.tagName, name: e?.getAttribute('name'), data: e?.getAttribute('data-name'), label: e?.getAttribute('aria-label') ?? '', text: (e?.textContent ?? '').trim().slice(0, 60), body: e === document.body };
});
/** Tab until the focused element fits; how a person walks. */
async function tabTo(page, fits, limit = 80) {
	for (let i = 0; i < limit; i++) {
		const f = await focused(page);
		if (fits(f)) return f;
		await page.keyboard.press('Tab');
	}
	assert.fail('not reached by Tab');
}

/** One doctor's morning, by keyboard. */
async function morning(server) {
	const page = await openPage(server);
	await page.goto(server.url + '/');
	await page.waitForSelector('[name=email]');
	await holds(page, 'email');
	await page.keyboard.type('doctor@demo.test');
	await page.keyboard.press('Tab');
	await page.keyboard.type('plantao-demo-2026');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.frame');
	await ready(page);

	/* the first Tab stop skips to the content */
	await page.keyboard.press('Tab');
	assert.match((await focused(page)).text, /Pular para o conteúdo/);
	await page.keyboard.press('Enter');
	await becomes(async () => (await focused(page)).tag, 'MAIN');

	/* the palette finds an imported patient */
	const name = (await (await server.as('doctor@demo.test'))('GET', '/api/patients?limit=100')).json.items.find((p) => p.source === 'fhir').name;
	await page.keyboard.press('Control+k');
	await page.waitForSelector('[role=combobox]');
	await page.keyboard.type(name.slice(0, Math.max(4, name.indexOf(' '))));
	await page.getByRole('option', { name }).first().waitFor();
	for (let i = 0; i < 10; i++) {
		if ((await page.locator('[aria-selected=true]').innerText()).startsWith(name)) break;
		await page.keyboard.press('ArrowDown');
	}
	await page.keyboard.press('Enter');
	await page.getByRole('heading', { level: 1, name }).waitFor();
	await page.waitForFunction(() => document.activeElement?.tagName === 'H1');

	await tabTo(page, (f) => f.text === 'Novo registro');
	await page.keyboard.press('Enter');
	await page.waitForSelector('[name=title]');
	await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'title');
	await page.keyboard.type('Escrito sem mouse');
	await page.keyboard.press('Tab');
	await page.keyboard.press('ArrowUp');
	await page.keyboard.press('Tab');
	assert.equal((await focused(page)).name, 'diagnosis');
	await page.keyboard.type('Hanseníase tuberculoide, PB');
	await page.keyboard.press('Control+Enter');
	await page.getByText('Registro salvo').waitFor();
	await page.getByRole('heading', { level: 1, name: 'Escrito sem mouse' }).waitFor();
	const id = page.url().split('/').pop();

	/* correct it while somebody else does: the conflict is resolved from the keyboard */
	await tabTo(page, (f) => f.text === 'Corrigir');
	await page.keyboard.press('Enter');
	await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'title');
	const doctor = await server.as('doctor@demo.test');
	await doctor('PUT', `/api/medical-records/${id}`, { title: 'De outra mesa', diagnosis: 'Hanseníase tuberculoide, PB', version: 1 });
	await page.keyboard.press('End');
	await page.keyboard.type(' mesmo');
	await page.keyboard.press('Control+Enter');
	await page.getByRole('heading', { name: 'O registro mudou' }).waitFor();
	await page.waitForFunction(() => document.activeElement?.id === 'conflict-title');
	await tabTo(page, (f) => f.text === 'Usar o que escolhi');
	await page.keyboard.press('Enter');
	await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'title');
	await page.keyboard.press('Control+Enter');
	await page.getByText('Correção salva').waitFor();
	assert.equal((await doctor('GET', `/api/medical-records/${id}`)).json.title, 'Escrito sem mouse mesmo');

	/* a hanseníase case: opened on the patient's chart, a dose computed, the notification printed */
	await page.addInitScript(() => {
		window.print = () => (window.printed = true);
	});
	const ill = new Set((await doctor('GET', '/api/hansen/board')).json.items.map((i) => i.patientId));
	const well = (await doctor('GET', '/api/patients?limit=100')).json.items.find((p) => !ill.has(p.id) && p.birthDate && p.birthDate < '2000');
	await page.goto(`${page.base}/pacientes/${well.id}/hanseniase`);
	await ready(page);
	await tabTo(page, (f) => f.text === 'Abrir caso');
	await page.keyboard.press('Enter');
	await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'diagnosedOn');
	await tabTo(page, (f) => f.label.startsWith('Dorso'));
	for (let i = 0; i < 3; i++) await page.keyboard.press('Enter');
	await tabTo(page, (f) => f.data === 'clinicalForm');
	await page.keyboard.press('Space');
	await tabTo(page, (f) => f.data === 'smear');
	await page.keyboard.press('ArrowDown'); /* from unset to the second: negative */
	await page.keyboard.press('Control+Enter');
	await page.getByText('Caso aberto').waitFor();
	await tabTo(page, (f) => f.text === 'Dose supervisionada');
	await page.keyboard.press('Enter');
	await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'takenOn');
	await page.keyboard.press('Tab');
	await page.keyboard.type('62');
	await page.getByRole('dialog').getByText('PQT-U Adulto', { exact: true }).waitFor();
	await page.keyboard.press('Enter');
	await page.locator('.cartela.taken').waitFor();
	await tabTo(page, (f) => f.text === 'Ficha SINAN', 120);
	await page.keyboard.press('Enter');
	await page.locator('.sinan').waitFor();
	await tabTo(page, (f) => f.text === 'Imprimir');
	await page.keyboard.press('Enter');
	await becomes(() => page.evaluate(() => window.printed), true, 'window.print');

	/* lists walk by arrows and never drop the focus */
	await page.keyboard.press('Control+k');
	await page.waitForSelector('[role=combobox]');
	await page.keyboard.type('pacientes');
	await page.getByRole('option', { name: /^pacientes/i }).first().waitFor();
	await page.keyboard.press('Enter');
	await page.waitForSelector('.vlist a');
	await tabTo(page, (f) => f.tag === 'A' && f.text.includes('anos'));
	for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowDown');
	assert.equal((await focused(page)).tag, 'A');
	await page.keyboard.press('End');
	await page.waitForFunction(() => document.activeElement?.closest('[data-row]'));
	await page.settle();
}

for (const engine of engines)
	it(`a doctor works without a mouse, ${engine}`, async () => {
		const server = await Server.start(on(engine, import.meta.url));
		try {
			await morning(server);
		} finally {
			await server.stop();
		}
	});
