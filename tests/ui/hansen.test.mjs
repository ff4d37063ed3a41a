// A hanseníase case in a real browser, from opening it on the body map to what cure still lacks, on both
// engines; engines and sizes are paired as in journeys.test.mjs.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { axe, becomes, closeBrowser, fits, holds, login, openPage, paper, ready, visit } from './lib/browser.mjs';
import { engines, on, Server } from './lib/server.mjs';

after(closeBrowser);

const sizes = process.env.PLANTAO_UI_CROSS === '1' ? {} : { sqlite: ['phone'], postgres: ['desktop'] };
const today = () => new Date().toLocaleDateString('pt-BR', { timeZone: 'America/Recife' });
const saved = (page) => page.getByText('Salvo', { exact: true }).first().waitFor();

function follow(engine) {
	let server;
	let doctor;
	before(async () => {
		server = await Server.start(on(engine, import.meta.url));
		doctor = await server.as('doctor@demo.test');
	});
	after(() => server?.stop());

	for (const size of sizes[engine] ?? ['desktop', 'phone'])
		describe(size, () => {
			it('a doctor opens a case and follows it', async () => {
				const ill = new Set((await doctor('GET', '/api/hansen/board')).json.items.map((i) => i.patientId));
				const patient = (await doctor('GET', '/api/patients?limit=100')).json.items.find((p) => !ill.has(p.id) && p.birthDate && p.birthDate < '2000');
				const page = await openPage(server, { size });
				await login(page, 'doctor@demo.test', { to: `/pacientes/${patient.id}/hanseniase` });
				await page.getByRole('link', { name: 'Abrir caso' }).click();
				await page.getByRole('button', { name: 'Abrir caso' }).click();
				await becomes(() => page.locator('.bad').count(), (n) => n >= 3, 'form, smear and lesions required:');
				await holds(page, 'lesionCount');
				await page.getByRole('button', { name: /^Tórax/ }).click();
				await page.getByRole('button', { name: /^Braço, direita/ }).first().focus();
				for (let i = 0; i < 6; i++) await page.keyboard.press('Enter');
				await becomes(() => page.inputValue('[name=lesionCount]'), '7', 'the count of the map');
				await page.locator('[data-name=clinicalForm][value=DIMORFA]').check({ force: true });
				await page.locator('[data-name=smear][value=POSITIVA]').check({ force: true });
				await page.fill('[name=smearSites]', '2 1 1 2');
				/* the rule is shown while one fills in */
				await page.locator('.calc-facts').first().filter({ hasText: 'MB' }).waitFor();
				for (const [site, grade] of [['olhoD', 0], ['olhoE', 0], ['maoD', 1], ['maoE', 0], ['peD', 0], ['peE', 0]]) await page.locator(`[data-name=${site}][value="${grade}"]`).check({ force: true });
				await page.fill('[name=weightKg]', '64,5');
				await fits(page, 'the case form');
				await page.getByRole('button', { name: 'Abrir caso' }).click();
				await page.getByText('Caso aberto').waitFor();
				const id = page.url().split('/').pop();

				/* the first dose, computed beside with its source */
				await page.getByRole('button', { name: 'Dose supervisionada' }).click();
				await page.getByRole('heading', { name: 'Dose supervisionada 1 de 12' }).waitFor();
				await page.fill('[name=weightKg]', '64,5');
				await page.getByRole('dialog').getByText('PQT-U Adulto', { exact: true }).waitFor();
				await page.getByRole('dialog').getByText(/tópico 06, Quadro 1/).first().waitFor();
				await axe(page, 'the dose sheet', ['light']);
				await fits(page, 'the dose sheet');
				await page.getByRole('button', { name: 'Registrar dose' }).click();
				await saved(page);
				await page.locator('.cartela.taken').waitFor();

				/* an assessment, a reaction with its proposal, a contact and its examination */
				await page.getByRole('button', { name: 'Avaliação neurológica' }).click();
				await page.locator('dialog [data-name=maoD][value="1"]').check({ force: true });
				await page.locator('dialog [name="ULNAR.D.thickened"]').check();
				await axe(page, 'the assessment sheet', ['light']);
				await page.getByRole('button', { name: 'Registrar avaliação' }).click();
				await page.locator('.timeline').getByText('Avaliação neurológica').waitFor();
				await page.getByRole('button', { name: 'Reação', exact: true }).click();
				await page.selectOption('dialog [name=type]', 'TIPO_1');
				await page.fill('dialog [name=weightKg]', '64,5');
				await page.fill('dialog [name=treatment]', 'Prednisona 60 mg/dia <b>');
				await page.getByRole('button', { name: 'Registrar reação' }).click();
				await page.locator('.timeline').getByText('Prednisona 60 mg/dia <b>').waitFor();
				await page.locator('.timeline summary', { hasText: 'prednisona' }).click();
				await page.locator('.timeline').getByText(/a proposta|Proposta: o clínico/i).first().waitFor();
				await page.getByRole('link', { name: /^Contatos/ }).first().click();
				await page.getByRole('button', { name: 'Novo contato' }).click();
				await page.fill('dialog [name=name]', 'Contato Silva');
				await page.fill('dialog [name=birthDate]', '05052012');
				await page.getByRole('dialog').getByRole('button', { name: 'Salvar' }).click();
				await page.getByText('a examinar').waitFor();
				await page.getByRole('button', { name: /^Examinar: Contato Silva/ }).click();
				await page.selectOption('dialog [name=result]', 'DESCARTADO');
				await page.locator('dialog [data-name=bcgScars][value="1"]').check({ force: true });
				await page.getByRole('dialog').getByRole('button', { name: 'Salvar' }).click();
				await page.getByText('1 de 1 examinados').waitFor();
				await page.locator('summary', { hasText: 'regra da BCG' }).click();
				await page.getByText(/BCG/).first().waitFor();

				/* cure is refused with what it lacks; nothing is written */
				await visit(page, `/hanseniase/casos/${id}`);
				await page.getByRole('button', { name: 'Saída ou alta' }).click();
				await page.selectOption('[name=discharge]', 'CURA');
				await page.getByRole('dialog').getByText('1 de 12 doses supervisionadas').waitFor();
				await page.getByRole('button', { name: 'Registrar saída' }).click();
				await page.getByText('A condição do protocolo').waitFor();
				await axe(page, 'a refused discharge', ['light']);
				await page.getByRole('dialog').getByRole('button', { name: 'Cancelar' }).click();
				assert.equal((await doctor('GET', `/api/hansen/cases/${id}`)).json.case.state, 'IN_TREATMENT');

				/* the form says what it lacks; the notification fills it */
				await page.getByRole('link', { name: 'Ficha SINAN' }).click();
				await page.locator('.sinan').getByText(patient.name).waitFor();
				await page.locator('.note', { hasText: 'Falta preencher' }).getByText(/Data da notificação/).waitFor();
				await visit(page, `/hanseniase/casos/${id}`);
				await page.getByRole('button', { name: 'Notificação' }).click();
				await page.getByRole('dialog').getByRole('button', { name: 'Salvar' }).click();
				await saved(page);
				await visit(page, `/hanseniase/casos/${id}/notificacao`);
				await page.locator('.sinan div', { hasText: 'DT_NOTIFIC' }).getByText(today()).first().waitFor();
				await fits(page, 'the notification');
				const sheets = await paper(page);
				assert.equal(sheets.length, 1, 'the form fits one sheet');
				assert.match(await page.locator('.made-by').textContent(), /^Plantão \d\S* · impresso por Dra\. Beatriz Nogueira em \d/);
				assert.ok(sheets[0].height > sheets[0].width, 'upright');
				await page.settle();
			});

			it('somebody else wrote meanwhile: what was typed stays, the page is read anew', async () => {
				const item = (await doctor('GET', '/api/hansen/board')).json.items.find((i) => i.state === 'IN_TREATMENT' && i.doses < i.plannedDoses);
				const page = await openPage(server, { size });
				await login(page, 'doctor@demo.test', { to: `/hanseniase/casos/${item.id}` });
				await page.getByRole('button', { name: 'Evento adverso' }).click();
				await page.fill('dialog [name=drug]', 'Dapsona');
				await page.fill('dialog [name=description]', 'Palidez');
				await page.locator('dialog [data-name=severity][value=LEVE]').check({ force: true });
				await page.route('**/adverse-events', (route) => route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify({ title: 'O registro mudou; recarregue', status: 409, code: 'STALE', currentVersion: 9, requestId: '01-test' }) }), { times: 1 });
				await page.getByRole('dialog').getByRole('button', { name: 'Salvar' }).click();
				await page.getByRole('dialog').getByText('O registro mudou').waitFor();
				assert.equal(await page.inputValue('dialog [name=description]'), 'Palidez');
				await page.getByRole('dialog').getByRole('button', { name: 'Salvar' }).click();
				await page.locator('.timeline').getByText('Palidez').first().waitFor();
				await page.settle();
			});

			it('what is due stands on the first page, and the month is a bulletin to print', async () => {
				const page = await openPage(server, { size });
				await login(page, 'nurse@demo.test');
				const nurse = await server.as('nurse@demo.test');
				const board = (await nurse('GET', '/api/hansen/board')).json;
				const first = board.items.find((i) => i.overdue);
				const due = page.locator('.card', { hasText: 'Hoje na hanseníase' });
				assert.equal(await due.locator('.name').first().innerText(), first.patientName);
				assert.match(await due.locator('li').first().innerText(), new RegExp(first.nextSteps[0].text));
				await due.locator('a.line').first().click();
				await page.getByRole('heading', { level: 1, name: first.patientName }).waitFor();

				await visit(page, '/hanseniase/boletim');
				const bulletin = (await nurse('GET', '/api/hansen/bulletin')).json;
				assert.ok(bulletin.items.length >= board.active);
				await page.locator('.bulletin tbody tr').first().waitFor();
				assert.equal(await page.locator('.bulletin tbody tr').count(), bulletin.items.length);
				const row = page.locator('.bulletin tbody tr', { hasText: bulletin.items[0].patientName });
				assert.match(await row.innerText(), new RegExp(`${bulletin.items[0].contactsExamined} / ${bulletin.items[0].contacts}`));
				await fits(page, 'the bulletin');
				const sheets = await paper(page);
				assert.ok(sheets.length >= 1 && sheets.every((x) => x.width > x.height), `landscape: ${JSON.stringify(sheets)}`);
				assert.match(await page.locator('.made-by').textContent(), /^Plantão \d/);
				await page.emulateMedia({ media: 'print' });
				assert.ok(await page.locator('.made-by').isVisible(), 'on paper');
				await page.emulateMedia({ media: 'screen' });
				assert.ok(!(await page.locator('.made-by').isVisible()), 'not on the screen');
				await page.fill('[name=unit]', '123');
				await page.locator('.bad').first().waitFor();
				const came = page.waitForEvent('download');
				await page.fill('[name=unit]', '');
				await page.locator('.bulletin tbody tr').first().waitFor();
				await page.getByRole('link', { name: 'CSV' }).click();
				assert.equal((await came).suggestedFilename(), 'boletim-hanseniase.csv');
				await page.settle();
			});

			it('a case that ended is listed by the patient\'s name', async () => {
				const item = (await doctor('GET', '/api/hansen/board')).json.items.at(-1);
				const today = new Date().toLocaleDateString('sv-SE', { timeZone: 'America/Recife' });
				const view = await doctor('GET', `/api/hansen/cases/${item.id}`);
				const ended = await doctor('POST', `/api/hansen/cases/${item.id}/discharge`, { on: today, discharge: 'TRANSFERENCIA_MESMO_MUNICIPIO', reason: 'Mudou de bairro', destination: 'Unidade vizinha' }, { 'if-match': `"${view.json.case.version}"` });
				assert.equal(ended.status, 200, JSON.stringify(ended.json));
				const page = await openPage(server, { size });
				await login(page, 'doctor@demo.test', { to: '/hanseniase/casos' });
				await page.locator('[data-name=show][value=closed]').check({ force: true });
				await page.selectOption('[name=closed]', 'TRANSFERRED');
				await page.locator('.line.case .name', { hasText: item.patientName }).waitFor();
				await page.settle();
			});

			it('the board puts what is overdue first, and the indicators have bands', async () => {
				const page = await openPage(server, { size });
				await login(page, 'doctor@demo.test', { to: '/hanseniase/casos' });
				await page.locator('.line.case').first().waitFor();
				const board = (await doctor('GET', '/api/hansen/board')).json;
				assert.equal(await page.locator('.line.case .name').first().innerText(), board.items[0].patientName);
				await page.getByRole('button', { name: /com atraso/ }).click();
				await becomes(() => page.locator('.line.case').count(), board.items.filter((i) => i.overdue).length, 'the cases shown');
				await page.locator('[data-name=show][value=closed]').check({ force: true });
				await ready(page);
				await fits(page, 'the board');
				await visit(page, '/hanseniase/indicadores');
				await page.getByText('Informe a população').first().waitFor();
				await page.fill('[name=population]', '50000');
				await page.locator('.indicator', { hasText: 'Detecção geral' }).locator('.badge').first().waitFor();
				await page.fill('[name=municipality]', '123');
				await page.locator('.bad').first().waitFor();
				await page.settle();
			});
		});

	it('a patient sees the own case and may not write in it', async () => {
		const page = await openPage(server, { size: 'phone' });
		await login(page, 'patient@demo.test');
		const me = (await server.as('patient@demo.test')).user;
		await visit(page, `/pacientes/${me.patientId}/hanseniase`);
		assert.equal(await page.getByRole('link', { name: 'Abrir caso' }).count(), 0);
		await visit(page, '/hanseniase/casos');
		await page.getByText('Seu papel não usa esta tela').waitFor();
		await page.settle();
	});
}
for (const engine of engines) describe(engine, () => follow(engine));
