/* router.ts - addresses of screens. Paths name things, never people or tokens: what one searched
 * for stays out of the address and so out of the browser's history. The server answers
 * index.html for every path that is neither /api nor a file. */
import { signal } from '@preact/signals';

export interface Place {
	path: string;
	/** What the former screen hands on; lives in the history entry, not in the address. */
	state: Record<string, unknown>;
	/** Grows with each navigation, so that the same path counts as a new visit. */
	visit: number;
}

const here = (): string => location.pathname.replace(/\/+$/, '') || '/';
export const place = signal<Place>({ path: here(), state: (history.state as Record<string, unknown>) ?? {}, visit: 0 });

function keepScroll(): void {
	history.replaceState({ ...(history.state as object), scroll: window.scrollY }, '');
}

export function go(path: string, o: { replace?: boolean; state?: Record<string, unknown> } = {}): void {
	const state = o.state ?? {};
	if (o.replace) history.replaceState(state, '', path);
	else {
		keepScroll();
		history.pushState(state, '', path);
	}
	place.value = { path: here(), state, visit: place.value.visit + 1 };
	window.scrollTo(0, 0);
}

/** Keeps something with the present history entry (a search, a chosen tab). */
export function keep(state: Record<string, unknown>): void {
	history.replaceState({ ...(history.state as object), ...state }, '');
}
export function kept<T>(name: string): T | undefined {
	return (history.state as Record<string, T> | null)?.[name];
}

window.addEventListener('popstate', (e) => {
	const state = (e.state as Record<string, unknown>) ?? {};
	place.value = { path: here(), state, visit: place.value.visit + 1 };
	const y = typeof state.scroll === 'number' ? state.scroll : 0;
	requestAnimationFrame(() => requestAnimationFrame(() => window.scrollTo(0, y)));
});

/* Plain links are navigation inside the program; modifiers and targets keep their meaning. */
document.addEventListener('click', (e) => {
	if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
	const a = (e.target as Element | null)?.closest?.('a[href]') as HTMLAnchorElement | null;
	if (!a || a.target || a.hasAttribute('download') || a.origin !== location.origin) return;
	if (a.hash && a.pathname === location.pathname) return;
	if (/^\/(api|metrics|health)/.test(a.pathname)) return;
	e.preventDefault();
	go(a.pathname);
});

/** Matches "/pacientes/:id/:aba?" against a path; null when it is another place. */
export function match(pattern: string, path: string): Record<string, string> | null {
	const want = pattern.split('/').filter(Boolean);
	const got = path.split('/').filter(Boolean);
	if (got.length > want.length) return null;
	const out: Record<string, string> = {};
	for (let i = 0; i < want.length; i++) {
		const w = want[i] as string;
		const optional = w.endsWith('?');
		const name = w.startsWith(':') ? w.slice(1, optional ? -1 : undefined) : '';
		if (got[i] === undefined) return optional && want.slice(i).every((x) => x.endsWith('?')) ? out : null;
		if (name) {
			try {
				out[name] = decodeURIComponent(got[i] as string);
			} catch {
				return null;
			}
		} else if (w !== got[i]) return null;
	}
	return out;
}
