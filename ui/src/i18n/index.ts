/* i18n - every word a person reads, in tables. The first load has the sign-in screen's in Portuguese; the rest
 * comes with the screens (learn), English when chosen. Reading t() in a component makes it follow the switch. */
import { signal } from '@preact/signals';
import type { pt } from './pt';
import { words as first } from './words/first-pt';

export type Key = keyof typeof pt;
export type Table = Record<Key, string>;
export type Lang = 'pt' | 'en';

export const lang = signal<Lang>('pt');
let portuguese: Partial<Table> = first;
let table: Partial<Table> = portuguese;

export const languageTag = (): string => (lang.peek() === 'pt' ? 'pt-BR' : 'en');

/** The words of all screens, Portuguese. */
export function learn(all: Table): void {
	if (table === portuguese) table = all;
	portuguese = all;
}

export async function setLang(l: Lang): Promise<void> {
	table = l === 'pt' ? portuguese : (await import('./en')).en;
	lang.value = l;
	document.documentElement.lang = l === 'pt' ? 'pt-BR' : 'en';
	try {
		localStorage.setItem('lang', l);
	} catch {
		/* no storage: the choice lasts as long as the page */
	}
}

export function startLang(): Promise<void> {
	let l: string | null = null;
	try {
		l = localStorage.getItem('lang');
	} catch {
		/* as above */
	}
	return l === 'en' ? setLang('en') : Promise.resolve();
}

/** The words of key in the chosen language, {name} parts filled in. */
export function t(key: Key, parts?: Record<string, string | number>): string {
	void lang.value;
	const text = table[key] ?? key;
	return parts ? text.replace(/\{(\w+)\}/g, (all, name) => (name in parts ? String(parts[name]) : all)) : text;
}

/** Like t for keys made from the server's codes; other when the table has none. */
export function tcode(prefix: string, code: string | null | undefined, other?: string): string {
	void lang.value;
	const key = `${prefix}.${code}` as Key;
	return table[key] ?? other ?? code ?? '';
}
/** "1 registro", "2 registros": key.one and key.many. */
export function count(key: string, n: number): string {
	return t(`${key}.${n === 1 ? 'one' : 'many'}` as Key, { n: n.toLocaleString(languageTag()) });
}
