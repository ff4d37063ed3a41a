/* drafts.ts - what was typed and not yet saved. Kept in this browser, by user and place, so that a
 * closed tab, a lost session or a dead battery costs nothing. Removed when saved, when the user
 * signs out, when somebody else signs in, and after a day: a shared desk must not hoard charts. */
const PREFIX = 'draft:';
const DAY_MS = 86_400_000;

export interface Draft<T> {
	at: number;
	label: string;
	path: string;
	value: T;
}
const name = (user: string, place: string): string => `${PREFIX}${user}:${place}`;

function each(visit: (key: string) => void): void {
	try {
		for (let i = localStorage.length - 1; i >= 0; i--) {
			const k = localStorage.key(i);
			if (k?.startsWith(PREFIX)) visit(k);
		}
	} catch {
		/* no storage in this browser: drafts live as long as the page */
	}
}

export function saveDraft<T>(user: string, place: string, d: Omit<Draft<T>, 'at'>): boolean {
	try {
		localStorage.setItem(name(user, place), JSON.stringify({ ...d, at: Date.now() }));
		return true;
	} catch {
		return false;
	}
}
export function readDraft<T>(user: string, place: string): Draft<T> | undefined {
	try {
		const text = localStorage.getItem(name(user, place));
		const d = text ? (JSON.parse(text) as Draft<T>) : undefined;
		return d && Date.now() - d.at < DAY_MS ? d : undefined;
	} catch {
		return undefined;
	}
}
export function dropDraft(user: string, place: string): void {
	try {
		localStorage.removeItem(name(user, place));
	} catch {
		/* nothing was kept */
	}
}
export function listDrafts(user: string): Draft<unknown>[] {
	const out: Draft<unknown>[] = [];
	each((k) => {
		if (!k.startsWith(name(user, ''))) return;
		const d = readDraft<unknown>(user, k.slice(name(user, '').length));
		if (d) out.push(d);
	});
	return out.sort((a, b) => b.at - a.at);
}
/** Removes all drafts but those of keep (undefined: all). */
export function forgetDrafts(keep: string | undefined): void {
	each((k) => {
		if (keep === undefined || !k.startsWith(name(keep, ''))) localStorage.removeItem(k);
	});
}
/** Removes what is older than a day. */
export function sweepDrafts(): void {
	each((k) => {
		try {
			const d = JSON.parse(localStorage.getItem(k) ?? '') as Draft<unknown>;
			if (Date.now() - d.at > DAY_MS) localStorage.removeItem(k);
		} catch {
			localStorage.removeItem(k);
		}
	});
}
