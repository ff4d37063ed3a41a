// browser.mjs - Debian's Chromium, watched: a console error, an uncaught exception or a breach of the
// content security policy fails the test in which it happened.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { axeSource } from './server.mjs';

export const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
export const PASSWORD = 'plantao-demo-2026';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

let browser;
export async function openBrowser() {
	browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: FLAGS });
	return browser;
}
export async function closeBrowser() {
	await browser?.close();
	browser = undefined;
}

/** A page of a fresh person at a screen. End with page.settle(), which also says what went wrong. */
export async function openPage(server, { size = 'desktop', theme, lang, context } = {}) {
	const b = await openBrowser();
	const phone = size === 'phone';
	const ctx =
		context ??
		(await b.newContext({ viewport: SIZES[size], isMobile: phone, hasTouch: phone, locale: 'pt-BR', timezoneId: 'America/Recife', colorScheme: theme === 'dark' ? 'dark' : 'light', reducedMotion: 'reduce' }));
	const page = await ctx.newPage();
	const wrongs = [];
	page.on('console', (m) => {
		/* Chromium logs every 4xx and lost connection; the screens' answer to those is what is tested */
		if (m.type() === 'error' && !/^Failed to load resource/.test(m.text())) wrongs.push(m.text());
	});
	page.on('pageerror', (e) => wrongs.push(String(e.stack ?? e)));
	await page.exposeFunction('__breach', (text) => wrongs.push(text));
	await page.addInitScript(
		([t, l]) => {
			document.addEventListener('securitypolicyviolation', (e) => window.__breach(`CSP: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}`));
			if (t) localStorage.setItem('theme', t);
			if (l) localStorage.setItem('lang', l);
		},
		[theme, lang],
	);
	/* PLANTAO_UI_SLOW=4: a processor four times slower shakes out what is only usually soon enough */
	if (process.env.PLANTAO_UI_SLOW) await (await ctx.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: Number(process.env.PLANTAO_UI_SLOW) });
	page.base = server.url;
	page.wrongs = wrongs;
	page.settle = async () => {
		assert.deepEqual(wrongs, [], 'console errors, exceptions or CSP breaches');
		if (!context) await ctx.close();
		else await page.close();
	};
	return page;
}

export async function login(page, email, { to = '/', password = PASSWORD } = {}) {
	await page.goto(page.base + to);
	await page.fill('[name=email]', email);
	await page.fill('[name=password]', password);
	await page.keyboard.press('Enter');
	await page.waitForSelector('.frame');
	await ready(page);
}

/** Nothing is loading any more. */
export async function ready(page) {
	await page.waitForFunction(() => !document.querySelector('.skeleton') && !!document.querySelector('h1'), undefined, { timeout: 30_000 });
}

/** The condition comes true: what a screen shows follows what was done, some moments later. */
export async function becomes(look, wanted, what = '') {
	const until = Date.now() + 30_000;
	let seen;
	do {
		seen = await look();
		if (typeof wanted === 'function' ? wanted(seen) : seen === wanted) return;
		await new Promise((go) => setTimeout(go, 50));
	} while (Date.now() < until);
	assert.fail(`${what || 'it'} stayed ${JSON.stringify(seen)}, not ${wanted}`);
}
/** The field of that name (or data-name) has the focus. */
export const holds = (page, name) => becomes(() => page.evaluate(() => document.activeElement?.getAttribute('data-name') ?? document.activeElement?.getAttribute('name')), name, 'the focus');

/** Signed in without the sign-in screen, for tests that are not about it: one session a person and server. */
const sessions = new Map();
export async function enter(page, server, email, to = '/') {
	const key = `${server.url} ${email}`;
	if (!sessions.has(key)) sessions.set(key, (await server.as(email)).cookie);
	const [name, ...value] = sessions.get(key).split('=');
	await page.context().addCookies([{ name, value: value.join('='), url: server.url, httpOnly: true, sameSite: 'Strict' }]);
	await visit(page, to);
}

/** To another screen as a link goes there: the page is not loaded anew. */
export async function walk(page, path) {
	await page.evaluate(async (to) => {
		history.pushState({}, '', to);
		window.dispatchEvent(new PopStateEvent('popstate', { state: {} }));
		for (let i = 0; i < 2; i++) await new Promise((go) => requestAnimationFrame(go));
	}, path);
	await ready(page);
	assert.equal(new URL(page.url()).pathname, path);
}

export async function visit(page, path) {
	await page.goto(page.base + path);
	await page.waitForSelector('.frame');
	await ready(page);
}

/** axe-core over what is shown now, in every theme; settle names every violation with its place.
 * What does not depend on colour is looked at once. */
export async function axe(page, where, themes = ['light', 'dark', 'contrast']) {
	if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource());
	const found = await page.evaluate(async (wanted) => {
		const out = [];
		const was = document.documentElement.dataset.theme;
		for (const theme of wanted) {
			document.documentElement.dataset.theme = theme;
			const runOnly =
				theme === 'light'
					? { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }
					: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };
			const r = await window.axe.run(document, { runOnly, resultTypes: ['violations'] });
			for (const v of r.violations)
				out.push(`${theme}: ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')} ${n.failureSummary.split('\n')[1] ?? ''}`).join(' | ')}`);
		}
		document.documentElement.dataset.theme = was;
		return out;
	}, themes);
	page.wrongs.push(...found.map((f) => `axe on ${where}, ${f}`));
	/* a word that no table has shows as its key */
	const keys = await page.evaluate(() => {
		const out = [];
		const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		while (walk.nextNode()) {
			const text = walk.currentNode.textContent.trim();
			if (/^[a-z]+(\.[a-zA-Z0-9]+)+$/.test(text) && !walk.currentNode.parentElement.closest('code, .mono, option')) out.push(text);
		}
		return out;
	});
	page.wrongs.push(...keys.map((k) => `no word for ${k} on ${where}`));
}

/** The screen on paper: how many sheets, and each one's size in points. */
export async function paper(page) {
	const pdf = (await page.pdf({ format: 'A4', preferCSSPageSize: true, printBackground: false })).toString('latin1');
	return [...pdf.matchAll(/\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/g)].map((m) => ({ width: Number(m[1]), height: Number(m[2]) }));
}

/** Nothing sticks out to the right: a phone must never scroll sideways. */
export async function fits(page, where) {
	const wide = await page.evaluate(() => {
		const w = document.documentElement.clientWidth;
		return document.documentElement.scrollWidth > w + 1 ? `${document.documentElement.scrollWidth} > ${w}` : '';
	});
	if (wide) page.wrongs.push(`sideways scroll on ${where}: ${wide}`);
}
