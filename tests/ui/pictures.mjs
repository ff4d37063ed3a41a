// pictures.mjs : the pictures of the README, taken from the program itself: docs/pictures/*.png.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { closeBrowser, openPage } from './lib/browser.mjs';
import { Server } from './lib/server.mjs';
import { prepare, stopAt, stops } from './lib/tour.mjs';

const dir = fileURLToPath(new URL('../../docs/pictures', import.meta.url));
const wanted = [
	['prontuario', 'desktop', 'light'],
	['caso', 'desktop', 'light'],
	['dose', 'desktop', 'light'],
	['inicio', 'phone', 'light'],
	['versoes', 'phone', 'dark'],
];
mkdirSync(dir, { recursive: true });
const server = await Server.start();
try {
	const data = await prepare(server);
	for (const [name, size, theme] of wanted) {
		const page = await openPage(server, { size, theme });
		await stopAt(page, server, stops.find((s) => s.name === name), data);
		await page.screenshot({ path: `${dir}/${name}-${size}.png` });
		console.log(`docs/pictures/${name}-${size}.png`);
		await page.settle();
	}
} finally {
	await closeBrowser();
	await server.stop();
}
