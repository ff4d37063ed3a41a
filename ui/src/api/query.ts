/* query.ts - reading and acting, with the waiting rules every screen shares: 429 counts its
 * Retry-After down and tries again; no answer or 503 backs off and tries again (a restarted
 * server heals the page); 401 waits for the sign-in sheet. Nothing else is retried. */
import { signal } from '@preact/signals';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { freshKey, Problem } from './client';

/** Grows when the session is back or the server is reachable again: queries start over. */
export const epoch = signal(0);

const remembered = new Map<string, unknown>();
const REMEMBERED_MAX = 60;
/** What this session has read is forgotten when somebody else may sit down. */
export function forget(): void {
	remembered.clear();
	for (const f of forgetters) f();
}
const forgetters: (() => void)[] = [];
/** For others that keep something read: called when it must go. */
export function onForget(f: () => void): void {
	forgetters.push(f);
}
function remember(key: string, v: unknown): void {
	remembered.delete(key);
	remembered.set(key, v);
	if (remembered.size > REMEMBERED_MAX) remembered.delete(remembered.keys().next().value as string);
}

/** Milliseconds to wait before try n (from 0), with jitter so that a restart is not a stampede. */
function pause(p: Problem, n: number): number {
	if (p.retryAfterMs > 0) return p.retryAfterMs + Math.random() * 250;
	return Math.min(15_000, 600 * 2 ** n) * (0.75 + Math.random() / 2);
}

export interface Query<T> {
	data: T | undefined;
	problem: Problem | undefined;
	loading: boolean;
	/** When the next try comes by itself (epoch ms); 0: none is planned. */
	retryAt: number;
	retry: () => void;
	/** Puts a newer answer in place, e.g. after saving. */
	set: (v: T) => void;
}

function asProblem(e: unknown): Problem {
	return e instanceof Problem ? e : new Problem(0, 'CLIENT', e instanceof Error ? e.message : String(e));
}

/** Loads by key; a new key loads anew. key null: not now. */
export function useQuery<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>): Query<T> {
	const now = epoch.value;
	const [state, setState] = useState<{ key: string | null; data?: T; problem?: Problem; retryAt: number }>({ key: null, retryAt: 0 });
	const [turn, setTurn] = useState(0);
	const loader = useRef(load);
	loader.current = load;
	const tries = useRef(0);

	useEffect(() => {
		if (key === null) return;
		const abort = new AbortController();
		let timer = 0;
		loader.current(abort.signal).then(
			(data) => {
				tries.current = 0;
				remember(key, data);
				setState({ key, data, retryAt: 0 });
			},
			(e) => {
				if (abort.signal.aborted) return;
				const problem = asProblem(e);
				const wait = problem.passing ? pause(problem, tries.current++) : 0;
				if (wait) timer = window.setTimeout(() => setTurn((n) => n + 1), wait);
				setState((s) => ({
					key,
					data: problem.passing ? ((s.key === key ? s.data : undefined) ?? (remembered.get(key) as T | undefined)) : undefined,
					problem,
					retryAt: wait ? Date.now() + wait : 0,
				}));
			},
		);
		return () => {
			abort.abort();
			clearTimeout(timer);
		};
	}, [key, turn, now]);

	useEffect(() => {
		tries.current = 0;
	}, [key]);

	const mine = state.key === key;
	return {
		data: mine ? state.data : ((key !== null ? remembered.get(key) : undefined) as T | undefined),
		problem: mine ? state.problem : undefined,
		loading: key !== null && (!mine || (state.data === undefined && state.problem === undefined)),
		retryAt: mine ? state.retryAt : 0,
		retry: useCallback(() => setTurn((n) => n + 1), []),
		set: useCallback(
			(v: T) => {
				if (key !== null) remember(key, v);
				setState({ key, data: v, retryAt: 0 });
			},
			[key],
		),
	};
}

export interface Action<A extends unknown[], T> {
	run: (...args: A) => Promise<T | undefined>;
	busy: boolean;
	problem: Problem | undefined;
	retryAt: number;
	/** Gives up waiting for the next try. */
	cancel: () => void;
	clear: () => void;
}

/** An act that changes something. One key for all its tries: the server does it once.
 * Resolves to undefined when refused (problem says why) or given up. */
export function useAction<A extends unknown[], T>(act: (key: string, ...args: A) => Promise<T>): Action<A, T> {
	const [state, setState] = useState<{ busy: boolean; problem?: Problem; retryAt: number }>({ busy: false, retryAt: 0 });
	const stop = useRef<(() => void) | null>(null);
	const alive = useRef(true);
	const doer = useRef(act);
	doer.current = act;
	useEffect(
		() => () => {
			alive.current = false;
			stop.current?.();
		},
		[],
	);

	const run = useCallback(async (...args: A): Promise<T | undefined> => {
		const key = freshKey();
		let given = false;
		for (let n = 0; ; n++) {
			if (alive.current) setState({ busy: true, retryAt: 0 });
			try {
				const done = await doer.current(key, ...args);
				if (alive.current) setState({ busy: false, retryAt: 0 });
				return done ?? (true as unknown as T);
			} catch (e) {
				const problem = asProblem(e);
				const wait = problem.passing && alive.current ? pause(problem, n) : 0;
				if (!wait) {
					if (alive.current) setState({ busy: false, problem, retryAt: 0 });
					return undefined;
				}
				setState({ busy: true, problem, retryAt: Date.now() + wait });
				await new Promise<void>((go) => {
					const timer = window.setTimeout(go, wait);
					stop.current = () => {
						given = true;
						clearTimeout(timer);
						go();
					};
				});
				stop.current = null;
				if (given) {
					if (alive.current) setState({ busy: false, problem, retryAt: 0 });
					return undefined;
				}
			}
		}
	}, []);

	return {
		run,
		busy: state.busy,
		problem: state.problem,
		retryAt: state.retryAt,
		cancel: useCallback(() => stop.current?.(), []),
		clear: useCallback(() => setState({ busy: false, retryAt: 0 }), []),
	};
}

export interface Pages<T> {
	items: T[];
	/** No more pages. */
	done: boolean;
	loading: boolean;
	problem: Problem | undefined;
	retryAt: number;
	more: () => void;
	retry: () => void;
}

/** A list read page by page as one scrolls. */
export function usePages<T>(
	key: string | null,
	load: (cursor: string | undefined, signal: AbortSignal) => Promise<{ items: T[]; nextCursor?: string | null }>,
): Pages<T> {
	const [cursors, setCursors] = useState<{ key: string | null; upTo?: string }>({ key: null });
	const gathered = useRef<{ key: string | null; items: T[]; next: string | null | undefined; at?: string }>({
		key: null,
		items: [],
		next: undefined,
	});
	const cursor = cursors.key === key ? cursors.upTo : undefined;
	const page = useQuery(key === null ? null : key + '\n' + (cursor ?? ''), (signal) => load(cursor, signal));
	const g = gathered.current;
	if (page.data && key !== null) {
		const mark = key + '\n' + (cursor ?? '');
		const fresh = g.key !== key || cursor === undefined;
		if (g.at !== mark || (fresh && g.items !== page.data.items && cursor === undefined)) {
			gathered.current = {
				key,
				items: fresh ? page.data.items : [...g.items, ...page.data.items],
				next: page.data.nextCursor ?? null,
				at: mark,
			};
		}
	}
	const now = gathered.current;
	const mine = now.key === key;
	return {
		items: mine ? now.items : [],
		done: mine && now.next === null,
		loading: page.loading,
		problem: page.problem,
		retryAt: page.retryAt,
		retry: page.retry,
		more: useCallback(() => {
			const at = gathered.current;
			if (at.key === key && at.next) setCursors({ key, upTo: at.next });
		}, [key]),
	};
}
