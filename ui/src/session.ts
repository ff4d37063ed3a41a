/* session.ts - who is in. The session itself is an HttpOnly cookie that no script can read;
 * here is only what the server says about it, and the talk between the tabs of one browser. */
import { signal } from '@preact/signals';
import { type Answer, call, configure, type Problem } from './api/client';
import { epoch, forget } from './api/query';
import { forgetDrafts } from './lib/drafts';
import { languageTag } from './i18n';

export type Me = Answer<'/api/auth/me'>;
/** A password that somebody else set opens nothing but one's own account. */
export const shutOut = (who: Me): boolean => who.passwordMustChange || who.resetPending;
export type Role = 'SUPERADMIN' | 'ADMIN' | 'DOCTOR' | 'NURSE' | 'RECEPTIONIST' | 'PATIENT' | 'AUDITOR' | 'DPO';

/** undefined: not known yet; null: nobody. */
export const me = signal<Me | null | undefined>(undefined);
/** The session ended under the reader's hands, or an act asks for a recent sign-in ('prove'): the sheet asks to
 * sign in again, the screen waits. */
export const lapsed = signal<'' | 'ended' | 'prove'>('');
/** Why the sign-in screen is shown: 'elsewhere' (another tab signed out), 'left'. */
export const farewell = signal<'' | 'left' | 'elsewhere' | 'switched'>('');
/** Can the server be reached? */
export const online = signal(true);
/** A refusal of the first look at the session that is not "nobody" (no answer, 503, ...). */
export const startProblem = signal<Problem | undefined>(undefined);

/* Whether somebody was in when this browser was last used: a hint for what to show first, no secret and no proof. */
const KNOWN = 'known';
function remember(is: boolean): void {
	try {
		if (is) localStorage.setItem(KNOWN, '1');
		else localStorage.removeItem(KNOWN);
	} catch {
		/* no storage: the sign-in form shows first */
	}
}
function remembered(): boolean {
	try {
		return localStorage.getItem(KNOWN) === '1';
	} catch {
		return false;
	}
}
/** As it was when the page was loaded. */
export const expected = remembered();

const tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('plantao');
type Word = { kind: 'out' } | { kind: 'in'; id: string };

/* counts sign-ins and sign-outs: an answer that was on its way meanwhile is of somebody else's time */
let entry = 0;

configure({
	language: languageTag,
	entry: () => entry,
	unauthenticated: (p) => {
		/* a wrong password or code typed inside is the form's to say, not the session's end */
		if (!me.value) return;
		if (p.code === 'UNAUTHENTICATED') lapsed.value = 'ended';
		if (p.code === 'REAUTHENTICATION_REQUIRED') lapsed.value = 'prove';
	},
	reached: (up) => {
		if (online.value !== up) online.value = up;
	},
});

/** Asks the server who is in; answers false when it could not be asked. */
export async function start(): Promise<boolean> {
	const asked = entry;
	try {
		const who = await call('get', '/api/auth/me');
		if (asked !== entry) return true;
		me.value = who;
		startProblem.value = undefined;
		remember(true);
		return true;
	} catch (e) {
		if (asked !== entry) return true;
		const p = e as Problem;
		if (p.status === 401) {
			me.value = null;
			remember(false);
			startProblem.value = undefined;
			return true;
		}
		startProblem.value = p;
		return false;
	}
}

/** After the server accepted a sign-in. A different person never sees the former's screen. */
export function entered(user: Me): void {
	entry++;
	const before = me.value;
	const same = before && before.id === user.id;
	if (!same) {
		forget();
		forgetDrafts(user.id);
	}
	me.value = user;
	remember(true);
	lapsed.value = '';
	farewell.value = '';
	epoch.value++;
	tabs?.postMessage({ kind: 'in', id: user.id } satisfies Word);
	/* the answer to signing in is short; the rest (permissions, second factor) is /me's */
	void start();
}

function wipe(why: 'left' | 'elsewhere' | 'switched'): void {
	entry++;
	const who = me.value;
	forget();
	if (who && why !== 'switched') forgetDrafts(undefined);
	remember(why === 'switched');
	lapsed.value = '';
	farewell.value = why;
	me.value = null;
}

export async function leave(): Promise<void> {
	try {
		await call('post', '/api/auth/logout');
	} catch {
		/* already out, or no server: nothing of the person may stay here either way */
	}
	wipe('left');
	tabs?.postMessage({ kind: 'out' } satisfies Word);
}

if (tabs)
	tabs.onmessage = (e: MessageEvent<Word>) => {
		const word = e.data;
		if (word.kind === 'out') {
			if (me.value) wipe('elsewhere');
		} else if (me.value && me.value.id !== word.id) {
			wipe('switched');
			void start();
		} else if (!me.value || lapsed.value) {
			void start().then(() => {
				lapsed.value = '';
				epoch.value++;
			});
		}
	};

/* What a role's screens offer. The server decides; this only spares people doors that stay shut. */
const may: Record<string, Role[]> = {
	patients: ['ADMIN', 'DOCTOR', 'NURSE', 'RECEPTIONIST'],
	writePatients: ['ADMIN', 'DOCTOR', 'NURSE', 'RECEPTIONIST'],
	records: ['ADMIN', 'DOCTOR', 'NURSE', 'PATIENT'],
	write: ['DOCTOR', 'NURSE'],
	remove: ['ADMIN', 'DOCTOR', 'NURSE'],
	restore: ['ADMIN', 'DOCTOR', 'NURSE'],
	accessLog: ['ADMIN', 'DOCTOR', 'NURSE', 'PATIENT', 'AUDITOR', 'DPO'],
	users: ['ADMIN'],
	audit: ['AUDITOR', 'DPO', 'ADMIN'],
	hansen: ['DOCTOR', 'NURSE', 'PATIENT'],
	writeHansen: ['DOCTOR', 'NURSE'],
	assistant: ['ADMIN', 'DOCTOR', 'NURSE', 'RECEPTIONIST', 'PATIENT'],
	calculate: ['ADMIN', 'DOCTOR', 'NURSE', 'AUDITOR', 'DPO'],
	protocol: ['ADMIN', 'DOCTOR', 'NURSE', 'RECEPTIONIST', 'PATIENT', 'AUDITOR', 'DPO'],
	indicators: ['ADMIN', 'DOCTOR', 'NURSE', 'AUDITOR'],
	privacy: ['DPO'],
	incidents: ['DPO'],
	exportChart: ['DOCTOR', 'NURSE', 'PATIENT'],
	readPrivacy: ['ADMIN', 'AUDITOR', 'DPO'],
	readRequests: ['ADMIN', 'PATIENT', 'DPO'],
	consents: ['ADMIN', 'DOCTOR', 'NURSE', 'RECEPTIONIST', 'PATIENT'],
	tenants: ['SUPERADMIN'],
};
export type Ability = keyof typeof may;
export function can(what: string): boolean {
	const who = me.value;
	return !!who && !shutOut(who) && !!may[what]?.includes(who.role as Role);
}
