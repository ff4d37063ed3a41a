// What each role does in a day, in a real browser on the real program: every journey on both engines
// and at both sizes, the two paired; PLANTAO_UI_CROSS=1 runs each engine at each size.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { axe, becomes, closeBrowser, fits, holds, login, openPage, PASSWORD, ready, visit } from './lib/browser.mjs';
import { engines, on, Server } from './lib/server.mjs';

/** RFC 6238, thirty seconds, six digits. */
async function totp(secret, ahead = 0) {
	const { createHmac } = await import('node:crypto');
	let bits = '';
	for (const c of secret) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0');
	const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
	const step = Buffer.alloc(8);
	step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + ahead));
	const mac = createHmac('sha1', key).update(step).digest();
	const at = mac[19] & 15;
	return String((mac.readUInt32BE(at) & 0x7fffffff) % 1e6).padStart(6, '0');
}

after(closeBrowser);

const sizes = process.env.PLANTAO_UI_CROSS === '1' ? {} : { sqlite: ['phone'], postgres: ['desktop'] };

function journeys(engine) {
	let server;
	before(async () => {
		server = await Server.start(on(engine, import.meta.url));
	});
	after(() => server?.stop());

	for (const size of sizes[engine] ?? ['desktop', 'phone'])
		describe(size, () => {
			it('a doctor registers a patient, writes, corrects and reads the difference', async () => {
				const page = await openPage(server, { size });
				await login(page, 'doctor@demo.test');
				await visit(page, '/pacientes/novo');
				await page.fill('[name=name]', `Aurora <b>Teste</b> ${size}`);
				await page.fill('[name=birthDate]', '31021980');
				await page.locator('[name=birthDate]').blur();
				await page.getByText('Data que não existe').waitFor();
				await page.fill('[name=birthDate]', '07031980');
				await becomes(() => page.inputValue('[name=birthDate]'), '07/03/1980');
				await page.getByLabel('Feminino').check();
				await page.fill('[name=cpf]', '11111111111');
				await page.getByRole('button', { name: 'Salvar' }).click();
				await page.getByText('CPF inválido').waitFor();
				// The first bad field has the focus, a moment after its words are there.
				await holds(page, 'cpf');
				await page.fill('[name=cpf]', size === 'desktop' ? '52998224725' : '11144477735');
				await becomes(() => page.inputValue('[name=cpf]'), (v) => /^\d{3}\.\d{3}\.\d{3}-\d{2}$/.test(v));
				await page.getByRole('button', { name: 'Salvar' }).click();
				await page.getByRole('link', { name: 'Novo registro' }).click();
				await page.waitForSelector('[name=title]');
				await fits(page, 'record form');

				await page.getByRole('button', { name: 'Salvar registro' }).click();
				await becomes(() => page.locator('.bad').count(), 2, 'title and diagnosis are required');
				await page.fill('[name=title]', 'Primeira consulta <script>alert(1)</script>');
				await page.fill('[name=diagnosis]', 'Hanseníase dimorfa, multibacilar');
				await page.getByLabel('Alta', { exact: true }).check();
				await page.fill('[name=notes]', 'Lesão no braço direito.\nRetorno em 28 dias.');
				await page.getByRole('button', { name: 'Salvar registro' }).click();
				await page.getByText('Registro salvo').waitFor();
				/* script in a field is text */
				await page.getByRole('heading', { level: 1 }).filter({ hasText: '<script>alert(1)</script>' }).waitFor();

				await page.getByRole('link', { name: 'Corrigir' }).click();
				await page.waitForSelector('[name=notes]');
				await page.fill('[name=notes]', 'Lesão no braço esquerdo.\nRetorno em 28 dias.');
				await page.getByRole('button', { name: 'Salvar correção' }).click();
				await page.getByText('Correção salva').waitFor();
				await page.getByRole('link', { name: /Versões/ }).click();
				await page.locator('ins').first().waitFor();
				assert.match(await page.locator('del').first().innerText(), /direito/);
				assert.match(await page.locator('ins').first().innerText(), /esquerdo/);
				await page.settle();
			});

			it('a doctor finds a patient as one types', async () => {
				const page = await openPage(server, { size });
				await login(page, 'doctor@demo.test', { to: '/pacientes' });
				await page.fill('[name=q]', 'auro');
				await page.getByRole('link', { name: /Aurora/ }).first().waitFor();
				await page.fill('[name=q]', 'zzzz');
				await page.getByText('Ninguém encontrado').waitFor();
				await page.fill('[name=q]', 'auro');
				await page.getByRole('link', { name: /Aurora/ }).first().click();
				await page.getByText('Primeira consulta').first().waitFor();
				await page.goBack();
				await page.waitForSelector('[name=q]');
				await becomes(() => page.inputValue('[name=q]'), 'auro', 'the search after going back');
				assert.ok(!page.url().includes('auro'), 'names of people stay out of addresses');
				await page.settle();
			});

			it('a stranger opens a chart only with a reason, and the officer judges it', async () => {
				const doctor = await server.as('doctor@demo.test');
				const found = (await doctor('GET', '/api/patients?limit=50')).json.items.filter((p) => p.cpf);
				const patient = found[found.length - (size === 'desktop' ? 1 : 2)];
				const page = await openPage(server, { size });
				await login(page, 'doctor2@demo.test', { to: '/pacientes' });
				await page.fill('[name=q]', patient.cpf);
				await page.getByRole('button', { name: /fora do meu cuidado/ }).click();
				await page.getByText('Prontuário fora do seu cuidado').first().waitFor();
				await page.getByRole('button', { name: 'Abrir com motivo' }).click();
				await page.getByText('ao menos 10').first().waitFor();
				await page.fill('[name=reason]', 'Paciente trazido ao pronto-socorro, inconsciente.');
				await page.getByRole('button', { name: 'Abrir com motivo' }).click();
				await page.getByRole('heading', { level: 1, name: patient.name }).waitFor();
				await page.settle();

				const dpo = await openPage(server, { size });
				await login(dpo, 'dpo@demo.test');
				const queue = dpo.locator('.card', { hasText: 'Acessos a julgar' });
				await queue.getByText('inconsciente').waitFor();
				await queue.locator('a.line').first().click();
				await dpo.getByText('inconsciente').first().waitFor();
				await dpo.getByRole('button', { name: 'Julgar' }).first().click();
				await dpo.selectOption('[name=verdict]', 'JUSTIFIED');
				await dpo.getByRole('button', { name: 'Salvar' }).click();
				await dpo.getByText('Julgamento registrado').waitFor();
				await dpo.settle();
			});

			it('a doctor asks the assistant, and a citation opens the protocol at its place', async () => {
				const page = await openPage(server, { size });
				await login(page, 'doctor@demo.test', { to: '/hanseniase/assistente' });
				await page.fill('[name=question]', 'Qual a dose da PQT-U para uma criança de 20 kg?');
				await page.keyboard.press('Enter');
				await page.locator('.answer').getByText(/rifampicina 200/i).waitFor();
				await axe(page, 'an answer');
				await fits(page, 'an answer');
				await page.locator('.cites a', { hasText: 'Quadro 1' }).first().click();
				await page.getByText('Citação da resposta').waitFor();
				const marked = page.locator('.rows .here', { hasText: 'abaixo de 30 kg' }).first();
				await marked.waitFor();
				assert.ok(await page.locator('.rows .here').first().isVisible());
				await becomes(() => marked.boundingBox(), (box) => box && box.y > 0 && box.y < page.viewportSize().height, 'the marked row');
				await page.settle();
			});

			it('an administrator sees clinical fields hidden and makes an account', async () => {
				const page = await openPage(server, { size });
				await login(page, 'admin@demo.test', { to: '/registros' });
				await page.locator('.vlist a').first().click();
				await page.getByText('Conteúdo clínico oculto').waitFor();
				assert.equal((await page.locator('main').innerText()).includes('Hanseníase'), false);
				await visit(page, '/usuarios/novo');
				await page.fill('[name=name]', 'Nina Nova');
				await page.fill('[name=email]', `nina.${size}@demo.test`);
				await page.selectOption('[name=role]', 'NURSE');
				await page.fill('[name=password]', 'curta');
				await page.getByRole('button', { name: 'Salvar' }).click();
				await page.getByText('Fraca').waitFor();
				await page.fill('[name=password]', 'sol-nascente-2031');
				await page.getByRole('button', { name: 'Salvar' }).click();
				await page.getByText('Usuário salvo').waitFor();
				await page.getByText(`nina.${size}@demo.test`).waitFor();
				await page.settle();
			});

			it('a password that an administrator replaced opens nothing until the officer knows the person', async () => {
				const admin = await server.as('admin@demo.test');
				const email = `rita.${size}@demo.test`;
				const made = await admin('POST', '/api/users', { name: 'Rita Redefinida', email, role: 'NURSE', password: 'sol-nascente-2031' });
				assert.equal(made.status, 201);
				const page = await openPage(server, { size });
				await login(page, 'admin@demo.test', { to: '/usuarios' });
				await page.getByText(email).click();
				await page.fill('[name=reset-password]', 'maré-cheia-2033');
				await page.getByRole('button', { name: 'Redefinir a senha' }).click();
				await page.getByText('Aguarda confirmação').waitFor();
				await page.settle();

				const rita = await openPage(server, { size });
				await rita.goto(server.url + '/');
				await rita.fill('[name=email]', email);
				await rita.fill('[name=password]', 'maré-cheia-2033');
				await rita.keyboard.press('Enter');
				await rita.getByText('Troque a senha antes de continuar').waitFor();
				await rita.fill('[name=current]', 'maré-cheia-2033');
				await rita.fill('[name=new]', 'lua-crescente-2032');
				await rita.fill('[name=again]', 'lua-crescente-2032');
				await rita.getByRole('button', { name: 'Trocar senha' }).click();
				await rita.getByText('Leia para ele este código').waitFor();
				assert.equal(await rita.getByText('Ativar segundo fator').count(), 0);
				await visit(rita, '/pacientes');
				const code = await rita.locator('code.pre').innerText();
				assert.match(code, /^[A-Z2-7]{8}$/);

				const dpo = await openPage(server, { size });
				await login(dpo, 'dpo@demo.test', { to: '/revisoes' });
				await dpo.getByRole('button', { name: 'Confirmar a pessoa: Rita Redefinida' }).click();
				await dpo.fill('[name=code]', 'AAAAAAAA');
				await dpo.getByRole('button', { name: 'Confirmar', exact: true }).click();
				await dpo.getByText('Não é o código').waitFor();
				await dpo.fill('[name=code]', code.toLowerCase());
				await dpo.getByRole('button', { name: 'Confirmar', exact: true }).click();
				await dpo.getByText('Decisão registrada').waitFor();
				await dpo.settle();

				await rita.reload();
				await visit(rita, '/conta');
				await rita.getByText('Um administrador redefiniu sua senha em').waitFor();
				await rita.settle();
			});

			it('a patient reads the own chart and who opened it', async () => {
				const page = await openPage(server, { size });
				await login(page, 'patient@demo.test');
				await page.getByRole('link', { name: /Quem acessou/ }).first().click();
				await page.getByRole('columnheader', { name: 'Quem' }).waitFor();
				await page.getByText('Você').first().waitFor();
				await page.settle();
			});

			it('an auditor filters the trail and opens an entry', async () => {
				const page = await openPage(server, { size });
				await login(page, 'auditor@demo.test', { to: '/auditoria' });
				await page.selectOption('[name=event]', 'auth.login');
				await ready(page);
				await page.waitForFunction(() => [...document.querySelectorAll('tbody tr')].length > 0 && [...document.querySelectorAll('tbody tr td:nth-child(2)')].every((x) => x.textContent === 'Entrada no sistema'));
				await page.locator('tbody a').first().click();
				await page.getByRole('dialog').getByText('Endereço').waitFor();
				await page.keyboard.press('Escape');
				await page.waitForSelector('dialog', { state: 'detached' });
				await page.settle();
			});

			it('anybody changes the password, ends a session and turns the second factor on and off', async () => {
				const admin = await server.as('admin@demo.test');
				const email = `conta.${size}@demo.test`;
				const made = await admin('POST', '/api/users', { name: 'Carla Conta', email, role: 'DOCTOR', password: 'sol-nascente-2031' });
				assert.equal(made.status, 201);
				const page = await openPage(server, { size });
				await login(page, email, { to: '/conta', password: 'sol-nascente-2031' });
				await page.fill('[name=current]', 'sol-nascente-2031');
				await page.fill('[name=new]', 'lua-crescente-2032');
				await page.fill('[name=again]', 'lua-crescente-2032');
				await page.getByRole('button', { name: 'Trocar senha' }).click();
				await page.getByText('Senha trocada').waitFor();
				const other = await server.as(email, 'lua-crescente-2032');
				assert.ok(other.user, 'the new password works');
				await visit(page, '/conta');
				await page.getByRole('button', { name: /^Encerrar/ }).first().click();
				await page.getByText('Sessão encerrada').waitFor();
				assert.equal((await other('GET', '/api/auth/me')).status, 401);

				await page.getByRole('button', { name: 'Ativar segundo fator' }).click();
				await page.getByRole('img', { name: /Código QR/ }).waitFor();
				const secret = (await page.locator('code.pre').innerText()).replace(/\s/g, '');
				await page.fill('[name=code]', '000000');
				await page.getByRole('button', { name: 'Confirmar e ativar' }).click();
				await page.getByText('Código incorreto').waitFor();
				await page.fill('[name=code]', await totp(secret));
				await page.getByRole('button', { name: 'Confirmar e ativar' }).click();
				await page.getByText('Segundo fator ativo').waitFor();

				const again = await openPage(server, { size });
				await again.goto(server.url + '/');
				await again.fill('[name=email]', email);
				await again.fill('[name=password]', 'lua-crescente-2032');
				await again.keyboard.press('Enter');
				await again.waitForSelector('[name=totp]');
				await holds(again, 'totp');
				await again.fill('[name=totp]', await totp(secret, 1));
				await again.keyboard.press('Enter');
				await again.waitForSelector('.frame');
				await again.settle();
				await page.settle();
			});
		});

	it('signing in is for the right password alone, and the language can be changed', async () => {
		const page = await openPage(server, {});
		await page.goto(server.url + '/conta');
		await page.fill('[name=email]', 'nurse@demo.test');
		await page.fill('[name=password]', 'errada-errada-1');
		await page.keyboard.press('Enter');
		await page.getByText('E-mail ou senha incorretos').waitFor();
		await page.fill('[name=password]', PASSWORD);
		await page.keyboard.press('Enter');
		await page.getByRole('heading', { level: 1, name: 'Minha conta' }).waitFor();
		assert.match(page.url(), /\/conta$/, 'one lands where one wanted to go');
		await page.click('.menu summary');
		await page.locator('.menu select').nth(1).selectOption('en');
		await page.getByRole('heading', { level: 1, name: 'My account' }).waitFor();
		assert.equal(await page.getAttribute('html', 'lang'), 'en');
		await page.settle();
	});

	it('the trail is proven in the browser, signature and all', async () => {
		/* the entries of this signing in are the newest; a batch is sealed once a second */
		const auditor = await server.as('auditor@demo.test');
		const sealed = async () => {
			const first = (await auditor('GET', '/api/audit?limit=1')).json.items[0].id;
			for (let i = 0; (await auditor('GET', `/api/audit/${first}/proof`)).status !== 200; i++) {
				assert.ok(i < 100, 'the batch is sealed');
				await new Promise((go) => setTimeout(go, 100));
			}
		};
		const page = await openPage(server, {});
		await login(page, 'auditor@demo.test', { to: '/auditoria' });
		await sealed();
		await visit(page, '/auditoria');
		await page.locator('tbody tr').last().locator('a').click();
		await page.getByRole('button', { name: /Provar/ }).click();
		await page.getByText('A prova confere').waitFor();
		await page.getByText('A assinatura Ed25519 da raiz confere').waitFor();
		await page.settle();

		/* and a proof that lies is found out */
		const liar = await openPage(server, {});
		await login(liar, 'auditor@demo.test', { to: '/auditoria' });
		await liar.route('**/proof', async (route) => {
			const answer = await route.fetch();
			const j = await answer.json();
			await route.fulfill({ response: answer, json: { ...j, content: j.content.replace(/.$/, (c) => (c === '0' ? '1' : '0')) } });
		});
		await liar.locator('tbody tr').last().locator('a').click();
		await liar.getByRole('button', { name: /Provar/ }).click();
		await liar.getByText('A prova não confere').waitFor();
		await liar.settle();
	});
}
for (const engine of engines) describe(engine, () => journeys(engine));
