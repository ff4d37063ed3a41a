// tour.mjs - the main screens, brought about the same way for the visual snapshots and for the pictures
// in the documents.
import { enter, ready } from './browser.mjs';

/** A patient with a chart worth looking at. */
export async function prepare(server) {
	const doctor = await server.as('doctor@demo.test');
	const patient = (await doctor('GET', '/api/patients?limit=100')).json.items.pop();
	const records = [
		['Avaliação neurológica simplificada', 'Hanseníase dimorfa (A30.3), multibacilar, GIF 1', 'PQT-U adulto, 3ª dose supervisionada', 'HIGH'],
		['Reação tipo 1', 'Reação reversa com neurite ulnar esquerda', 'Prednisona 1 mg/kg/dia, imobilização', 'CRITICAL'],
		['Retorno de 28 dias', 'Hanseníase dimorfa (A30.3), multibacilar', 'PQT-U adulto, 4ª dose supervisionada', 'NORMAL'],
	];
	let last;
	for (const [title, diagnosis, treatment, priority] of records)
		last = (await doctor('POST', '/api/medical-records', { patientId: patient.id, title, diagnosis, treatment, priority, notes: 'Sem novas lesões.\nContatos orientados; exame agendado.' })).json;
	await doctor('PUT', `/api/medical-records/${last.id}`, { title: last.title, diagnosis: last.diagnosis, treatment: 'PQT-U adulto, 4ª dose supervisionada, bem tolerada', notes: 'Sem novas lesões.\nContatos orientados; três examinados.', version: 1 });
	const board = (await doctor('GET', '/api/hansen/board')).json.items;
	return { doctor, patient, record: last, ill: board.find((i) => i.plannedDoses === 12 && i.doses > 2 && i.doses < 12) ?? board[0] };
}

export const stops = [
	{ name: 'entrar', who: null, path: () => '/' },
	{ name: 'inicio', who: 'doctor@demo.test', path: () => '/' },
	{ name: 'pacientes', who: 'doctor@demo.test', path: () => '/pacientes' },
	{ name: 'prontuario', who: 'doctor@demo.test', path: (d) => `/pacientes/${d.patient.id}` },
	{ name: 'versoes', who: 'doctor@demo.test', path: (d) => `/registros/${d.record.id}/versoes` },
	{
		name: 'dose',
		who: 'doctor@demo.test',
		path: () => '/hanseniase/calculadoras/pqtu_dose',
		then: async (page) => {
			await page.fill('[name=weightKg]', '20');
			await page.locator('[data-name=class]').nth(1).check();
			await page.locator('.calc-facts').waitFor();
		},
	},
	{
		name: 'omp',
		who: 'doctor@demo.test',
		path: () => '/hanseniase/calculadoras/omp',
		then: async (page) => {
			for (const [site, grade] of [['olhoD', 0], ['olhoE', 2], ['maoD', 0], ['maoE', 0], ['peD', 1], ['peE', 2]]) await page.locator(`[data-name=${site}]`).nth(grade).check();
			await page.locator('.calc-facts').waitFor();
		},
	},
	{ name: 'casos', who: 'doctor@demo.test', path: () => '/hanseniase/casos' },
	{ name: 'caso', who: 'doctor@demo.test', path: (d) => `/hanseniase/casos/${d.ill.id}` },
	{ name: 'auditoria', who: 'auditor@demo.test', path: () => '/auditoria' },
	{ name: 'usuarios', who: 'admin@demo.test', path: () => '/usuarios' },
];

export async function stopAt(page, server, stop, data) {
	if (stop.who) await enter(page, server, stop.who, stop.path(data));
	else {
		await page.goto(server.url + stop.path(data));
		await page.waitForSelector('[name=email]');
	}
	await stop.then?.(page);
	await ready(page);
	await page.evaluate(() => document.activeElement?.blur?.());
	await page.mouse.move(0, 0);
}
