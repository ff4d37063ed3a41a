/* format.ts - dates and numbers as people here read them: DD/MM/AAAA in both languages. */
import { languageTag } from '../i18n';

const two = (n: number): string => String(n).padStart(2, '0');

/** "1985-03-07" or an instant → "07/03/1985". */
export function date(iso: string | null | undefined): string {
	if (!iso) return '';
	const plain = /^(\d{4})-(\d{2})-(\d{2})$/.exec(iso);
	if (plain) return `${plain[3]}/${plain[2]}/${plain[1]}`;
	const d = new Date(iso);
	return Number.isNaN(d.getTime()) ? iso : `${two(d.getDate())}/${two(d.getMonth() + 1)}/${d.getFullYear()}`;
}
export function time(iso: string | null | undefined): string {
	if (!iso) return '';
	const d = new Date(iso);
	return Number.isNaN(d.getTime()) ? '' : `${two(d.getHours())}:${two(d.getMinutes())}`;
}
export const dateTime = (iso: string | null | undefined): string => (iso ? `${date(iso)} ${time(iso)}` : '');

/** "07/03/1985" → "1985-03-07"; null when it is no day of the calendar. */
export function parseDate(text: string): string | null {
	const m = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(text.trim());
	if (!m) return null;
	const [d, mo, y] = [Number(m[1]), Number(m[2]), Number(m[3])];
	const made = new Date(Date.UTC(y, mo - 1, d));
	if (y < 1800 || made.getUTCFullYear() !== y || made.getUTCMonth() !== mo - 1 || made.getUTCDate() !== d) return null;
	return `${m[3]}-${m[2]}-${m[1]}`;
}
export function today(): string {
	const d = new Date();
	return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}
/** Start (or end) of a local day as an instant, for the server's from and to. */
export function dayStart(iso: string): string {
	return new Date(`${iso}T00:00:00`).toISOString();
}
export function dayEnd(iso: string): string {
	return new Date(`${iso}T23:59:59.999`).toISOString();
}

/** Age in whole years, or in months below two. */
export function age(birth: string | null | undefined, on = new Date()): { n: number; unit: 'years' | 'months' } | null {
	const m = /^(\d{4})-(\d{2})-(\d{2})/.exec(birth ?? '');
	if (!m) return null;
	let months = (on.getFullYear() - Number(m[1])) * 12 + (on.getMonth() + 1 - Number(m[2]));
	if (on.getDate() < Number(m[3])) months--;
	if (months < 0) return null;
	return months < 24 ? { n: months, unit: 'months' } : { n: Math.floor(months / 12), unit: 'years' };
}

export function relative(iso: string, now = Date.now()): string {
	const s = Math.round((Date.parse(iso) - now) / 1000);
	const f = new Intl.RelativeTimeFormat(languageTag(), { numeric: 'auto' });
	const steps: [number, Intl.RelativeTimeFormatUnit][] = [
		[60, 'second'],
		[3600, 'minute'],
		[86_400, 'hour'],
		[86_400 * 30, 'day'],
		[86_400 * 365, 'month'],
	];
	let unit: Intl.RelativeTimeFormatUnit = 'year';
	let size = 86_400 * 365;
	let below = 1;
	for (const [limit, u] of steps) {
		if (Math.abs(s) < limit) {
			unit = u;
			size = below;
			break;
		}
		below = limit;
	}
	return f.format(Math.round(s / size), unit);
}
export const number = (n: number, digits = 0): string =>
	n.toLocaleString(languageTag(), { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** A decimal of the server ("64.5") with the reader's comma or point, digit for digit. */
export const decimal = (text: string): string => (languageTag() === 'pt-BR' ? text.replace('.', ',') : text);

export function initials(name: string | null | undefined): string {
	const w = (name ?? '').trim().split(/\s+/).filter((x) => x.length > 2 || /^[A-ZÀ-Ý]/.test(x));
	return ((w[0]?.[0] ?? '') + (w.length > 1 ? (w[w.length - 1]?.[0] ?? '') : '')).toUpperCase() || '–';
}
/** Without accents and case, for comparing what people type. */
export const fold = (s: string): string =>
	s
		.normalize('NFD')
		.replace(/[\u0300-\u036f]/g, '')
		.toLowerCase();
