/* draft.tsx - a form's values that outlive a reload, a closed tab and a lost session. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { dropDraft, readDraft, saveDraft } from '../lib/drafts';
import { me } from '../session';

export interface DraftOf<T> {
	value: T;
	set: (v: T) => void;
	dirty: boolean;
	/** The values come from an earlier sitting. */
	restored: boolean;
	/** After saving: nothing is left to keep. */
	drop: () => void;
	/** Back to the values one started from. */
	discard: () => void;
}

export function useDraft<T extends object>(place: string, original: T, o: { path: string; label: (v: T) => string }): DraftOf<T> {
	const user = me.value?.id ?? '';
	const first = useRef(original);
	const found = useRef(readDraft<T>(user, place));
	const [value, setValue] = useState<T>(found.current ? { ...original, ...found.current.value } : original);
	const [restored, setRestored] = useState(!!found.current);
	const latest = useRef({ value, done: false });
	latest.current.value = value;
	const dirty = JSON.stringify(value) !== JSON.stringify(first.current);

	const store = useCallback(() => {
		if (latest.current.done) return;
		const v = latest.current.value;
		if (JSON.stringify(v) === JSON.stringify(first.current)) dropDraft(user, place);
		else saveDraft(user, place, { path: o.path, label: o.label(v), value: v });
	}, [user, place]);

	useEffect(() => {
		const timer = setTimeout(store, 300);
		return () => clearTimeout(timer);
	}, [value]);
	useEffect(() => {
		const leaving = () => {
			if (document.visibilityState === 'hidden') store();
		};
		document.addEventListener('visibilitychange', leaving);
		return () => {
			document.removeEventListener('visibilitychange', leaving);
			if (me.value?.id === user) store();
		};
	}, [store]);

	return {
		value,
		dirty,
		restored,
		set: useCallback((v: T) => {
			latest.current.done = false;
			setValue(v);
		}, []),
		drop: useCallback(() => {
			latest.current.done = true;
			dropDraft(user, place);
		}, [user, place]),
		discard: useCallback(() => {
			dropDraft(user, place);
			setRestored(false);
			setValue(first.current);
		}, [user, place]),
	};
}
