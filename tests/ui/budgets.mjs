// budgets.mjs : what the front end may cost in time, measured on the real program with 10 000 patients
// and a chart of 1 000 records, and printed: when one can type (a slow phone on fast 3G, a hospital's
// network), how smoothly long lists scroll, how soon a search answers. Exit 1 when a budget is missed.
// Times depend on the machine: this is no part of `make test`. Usage: make ui-budgets
import { closeBrowser, login, openPage, ready } from './lib/browser.mjs';
import { contention } from './lib/machine.mjs';
import { Server } from './lib/server.mjs';

const PATIENTS = 10_000;
const RECORDS = 1_000;
const RUNS = 5;
const WHO = 'doctor-0@volume.test';
const missed = [];

const say = (text) => console.log(text);
const sorted = (list) => [...list].sort((a, b) => a - b);
const at = (list, share) => sorted(list)[Math.min(list.length - 1, Math.floor(list.length * share))];
const ms = (x) => `${x.toFixed(0)} ms`;
function budget(what, value, limit) {
	const kept = value <= limit;
	if (!kept) missed.push(what);
	say(`  ${kept ? 'kept  ' : 'MISSED'} ${what}: ${ms(value)} of ${ms(limit)}`);
}

async function interactive(server) {
	const networks = [
		{ name: 'fast 3G, processor 4× slower', limit: 2500, cpu: 4, latency: 150, kbit: 1600 },
		{ name: '10 Mbit/s, 40 ms', limit: 1000, cpu: 1, latency: 40, kbit: 10_000 },
	];
	say('Interactive: from the address to a cursor in the sign-in field, nothing cached');
	for (const n of networks) {
		const times = [];
		for (let i = 0; i < RUNS; i++) {
			const page = await openPage(server, { size: 'phone' });
			const cdp = await page.context().newCDPSession(page);
			await cdp.send('Network.enable');
			await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: n.latency, downloadThroughput: (n.kbit * 1000) / 8, uploadThroughput: (n.kbit * 1000) / 16 });
			await cdp.send('Emulation.setCPUThrottlingRate', { rate: n.cpu });
			const start = performance.now();
			await page.goto(server.url + '/', { waitUntil: 'commit' });
			await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'email', undefined, { polling: 20 });
			times.push(performance.now() - start);
			await page.settle();
		}
		budget(`${n.name}: middle of ${RUNS} (${sorted(times).map((x) => x.toFixed(0)).join(', ')})`, at(times, 0.5), n.limit);
	}
}

/** Turns the wheel through the list until its end, a notch a frame; every frame's length is kept. */
async function scroll(page, what, rows) {
	await page.locator('.vlist a').first().waitFor();
	await page.mouse.move(600, 500);
	const figures = await page.evaluate(async (wanted) => {
		const gaps = [];
		const tasks = [];
		const seen = new PerformanceObserver((l) => tasks.push(...l.getEntries().map((e) => e.duration)));
		seen.observe({ entryTypes: ['longtask'] });
		const frame = () => new Promise((go) => requestAnimationFrame(go));
		let last = await frame();
		let still = 0;
		let most = 0;
		while (still < 120) {
			const before = window.scrollY;
			window.scrollBy(0, 400);
			const now = await frame();
			gaps.push(now - last);
			last = now;
			most = Math.max(most, document.querySelectorAll('.vlist > li').length);
			still = window.scrollY === before ? still + 1 : 0;
			if (Number(document.querySelector('.vlist > li:last-child')?.getAttribute('aria-posinset')) >= wanted) break;
		}
		await frame();
		seen.disconnect();
		return { gaps, tasks, most, reached: Number(document.querySelector('.vlist > li:last-child')?.getAttribute('aria-posinset')) };
	}, rows);
	const long = figures.gaps.filter((g) => g > 50).length;
	say(`Scrolling ${what}: ${figures.reached} rows reached in ${figures.gaps.length} frames, at most ${figures.most} drawn; frames middle ${at(figures.gaps, 0.5).toFixed(1)}, 95th ${at(figures.gaps, 0.95).toFixed(1)}, longest ${Math.max(...figures.gaps).toFixed(0)} ms; ${long} above 50 ms, ${figures.tasks.length} long tasks`);
	if (figures.reached < rows) missed.push(`${what}: only ${figures.reached} of ${rows} rows`);
	budget(`${what}: 95th of a hundred frames`, at(figures.gaps, 0.95), 50);
}

async function search(page, server) {
	await page.goto(server.url + '/pacientes');
	await ready(page);
	const words = ['ma', 'mar', 'jose', 'ana silva', 'tereza', 'santos', 'vic', 'ol', 'raimunda costa', 'co'];
	const seen = [];
	for (const w of words) {
		const answer = page.waitForResponse((r) => r.url().includes('/api/patients?') && new URL(r.url()).searchParams.get('q') === w);
		await page.fill('[name=q]', '');
		await page.waitForTimeout(250);
		const start = performance.now();
		await page.fill('[name=q]', w);
		await answer;
		await page.waitForFunction((x) => document.querySelector('.vlist > li .name')?.textContent?.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase().includes(x), w.split(' ')[0]);
		seen.push(performance.now() - start);
	}
	const answers = await page.evaluate(() =>
		performance
			.getEntriesByType('resource')
			.filter((e) => e.name.includes('/api/patients?') && new URL(e.name).searchParams.get('q'))
			.map((e) => e.responseEnd - e.startTime),
	);
	say(`Search among ${PATIENTS} patients, ${words.length} words: answers ${sorted(answers).map((x) => x.toFixed(0)).join(', ')} ms; from the last key to the rows, 110 ms pause included: ${sorted(seen).map((x) => x.toFixed(0)).join(', ')} ms`);
	budget('search: middle answer', at(answers, 0.5), 100);
	budget('search: slowest answer but one', sorted(answers).at(-2), 100);
}

say(`Others use this machine: ${contention().toFixed(2)} × (1 is ours alone)`);
const server = await Server.start({}, ['--doctors', '1', '--patients', String(PATIENTS), '--records', String(PATIENTS)]);
try {
	const doctor = await server.as(WHO);
	const patient = (await doctor('GET', '/api/patients?limit=1')).json.items[0];
	for (let i = 0; i < RECORDS; i++) {
		const made = await doctor('POST', '/api/medical-records', { patientId: patient.id, title: `Retorno ${i}`, diagnosis: 'Hanseníase dimorfa, multibacilar', treatment: 'PQT-U adulto' });
		if (made.status !== 201) throw new Error(`record ${i}: ${made.status}`);
	}
	await interactive(server);
	const page = await openPage(server);
	await login(page, WHO);
	await page.goto(server.url + '/pacientes');
	await ready(page);
	await scroll(page, `${PATIENTS} patients`, PATIENTS);
	await page.goto(`${server.url}/pacientes/${patient.id}`);
	await ready(page);
	await scroll(page, `a chart of ${RECORDS} records`, RECORDS);
	await search(page, server);
	await page.settle();
} finally {
	await closeBrowser();
	await server.stop();
}
say(missed.length ? `missed: ${missed.join('; ')}` : 'every budget kept');
process.exitCode = missed.length ? 1 : 0;
