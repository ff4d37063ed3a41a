// The main screens keep their looks: each is compared with a small grey picture of it (48 × 30 values,
// in snapshots.json). Words and times may change; a screen that falls apart does not pass.
// UPDATE=1 takes new ones.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { after, before, it } from 'node:test';
import { closeBrowser, openBrowser, openPage } from './lib/browser.mjs';
import { Server } from './lib/server.mjs';
import { prepare, stopAt, stops } from './lib/tour.mjs';

const file = fileURLToPath(new URL('snapshots.json', import.meta.url));
const kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
const update = process.env.UPDATE === '1';
const [W, H] = [48, 30];
const MEAN_MAX = 6; /* of 255, over the picture */
const CELLS_MAX = 0.08; /* share of cells that may differ by more than 48 */

let server;
let data;
let blank;
before(async () => {
	server = await Server.start();
	data = await prepare(server);
});
after(async () => {
	if (update) writeFileSync(file, JSON.stringify(kept, null, '\t') + '\n');
	await closeBrowser();
	await server?.stop();
});

async function small(page) {
	const png = (await page.screenshot()).toString('base64');
	blank ??= await (await openBrowser()).newPage();
	const grey = await blank.evaluate(
		async ([b64, w, h]) => {
			const bytes = Uint8Array.from(atob(b64), (c) => c.charCodeAt(0));
			const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }), { resizeWidth: w, resizeHeight: h, resizeQuality: 'high' });
			const canvas = new OffscreenCanvas(w, h);
			const to = canvas.getContext('2d');
			to.drawImage(picture, 0, 0);
			const rgba = to.getImageData(0, 0, w, h).data;
			return Array.from({ length: w * h }, (_, i) => Math.round((rgba[i * 4] * 299 + rgba[i * 4 + 1] * 587 + rgba[i * 4 + 2] * 114) / 1000));
		},
		[png, W, H],
	);
	return grey;
}

for (const [size, theme] of [['desktop', 'light'], ['desktop', 'dark'], ['phone', 'light']])
	for (const stop of stops)
		it(`${stop.name}, ${size}, ${theme}`, async (t) => {
			const page = await openPage(server, { size, theme });
			await stopAt(page, server, stop, data);
			const now = await small(page);
			const name = `${stop.name}-${size}-${theme}`;
			if (update) kept[name] = Buffer.from(now).toString('base64');
			assert.ok(kept[name], `no snapshot of ${name}: run with UPDATE=1 and look at it`);
			const was = [...Buffer.from(kept[name], 'base64')];
			const gaps = now.map((v, i) => Math.abs(v - was[i]));
			const mean = gaps.reduce((a, g) => a + g, 0) / gaps.length;
			const cells = gaps.filter((g) => g > 48).length / gaps.length;
			t.diagnostic(`${name}: mean ${mean.toFixed(2)}, cells ${(cells * 100).toFixed(1)} %`);
			assert.ok(mean < MEAN_MAX && cells < CELLS_MAX, `${name} looks different: mean ${mean.toFixed(2)}, cells ${(cells * 100).toFixed(1)} %`);
			await page.settle();
		});
