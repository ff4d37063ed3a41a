/* sheet.tsx - a form over the page for one act on a case. What is typed is kept as a draft until it is
 * saved; dates are checked while typing; what the server refuses stands at its field. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useAction } from '../../api/query';
import { useDraft } from '../../components/draft';
import { type Errors, focusFirstError, Input, OtherErrors, serverErrors } from '../../components/form';
import { Dialog, Note } from '../../components/parts';
import { ProblemNote } from '../../components/state';
import { t } from '../../i18n';
import { dateMask } from '../../lib/brazil';
import { parseDate } from '../../lib/format';
import type { Values } from './case-types';

export interface Fields {
	v: Values;
	errors: Errors;
	put: (name: string) => (x: string) => void;
	set: (more: Values) => void;
}

/** "01/02/2026" → "2026-02-01"; undefined when empty. An impossible one is refused before sending. */
export const day = (text: string | undefined): string | undefined => (text?.trim() ? (parseDate(text) ?? text) : undefined);
export const words = (text: string | undefined): string | undefined => text?.trim() || undefined;
export const whole = (text: string | undefined): number | undefined => (text?.trim() ? Number(text) : undefined);
export const decimal = (text: string | undefined): string | undefined => words(text)?.replace(',', '.');

export function DateInput({ name, label, f, class: cls, optional, hint, autoFocus }: { name: string; label: string; f: Fields; class?: string; optional?: boolean; hint?: string; autoFocus?: boolean }) {
	const v = f.v[name] ?? '';
	const bad = v.length === 10 && !parseDate(v) ? t('invalid.date') : undefined;
	return <Input name={name} label={label} value={v} onValue={f.put(name)} mask={dateMask} inputMode="numeric" placeholder={t('form.dateHint')} autoComplete="off" error={bad ?? f.errors[name]} class={cls} optional={optional} hint={hint} autoFocus={autoFocus} />;
}

export function Sheet({ place, path, title, start, required = [], dates = [], said = [], send, label, danger, wide, onClose, onDone, onRefused, children }: {
	/** Names the draft. */
	place: string;
	path: string;
	title: string;
	start: Values;
	required?: readonly string[];
	dates?: readonly string[];
	send: (v: Values, key: string) => Promise<unknown>;
	label: string;
	/** Fields of a refusal that the sheet says in its own way. */
	said?: readonly string[];
	danger?: boolean;
	wide?: boolean;
	onClose: () => void;
	onDone: () => void;
	/** The case moved meanwhile (409): the page reads it anew behind the sheet. */
	onRefused?: () => void;
	children: (f: Fields) => ComponentChildren;
}) {
	const draft = useDraft<Values>(place, start, { path, label: () => title });
	const [tried, setTried] = useState(false);
	const [served, setServed] = useState<Errors>({});
	const form = useRef<HTMLFormElement>(null);
	const act = useAction((key, v: Values) => send(v, key));
	const v = draft.value;
	const local: Errors = {};
	for (const n of dates) if (v[n]?.trim() && !parseDate(v[n] ?? '')) local[n] = t('invalid.date');
	for (const n of required) if (!v[n]?.trim()) local[n] = t('invalid.required');
	const errors = tried ? { ...served, ...local } : served;
	useEffect(() => {
		if (act.problem?.errors.length) {
			setServed(serverErrors(act.problem));
			focusFirstError(form.current);
		}
		if (act.problem?.status === 409) onRefused?.();
	}, [act.problem]);
	const set = (more: Values) => {
		draft.set({ ...v, ...more });
		setServed((was) => Object.fromEntries(Object.entries(was).filter(([k]) => !(k in more))));
	};
	async function submit(e: Event): Promise<void> {
		e.preventDefault();
		setTried(true);
		if (Object.keys(local).length) return focusFirstError(form.current);
		if ((await act.run(v)) !== undefined) {
			draft.drop();
			onDone();
		}
	}
	const close = () => {
		act.cancel();
		onClose();
	};
	const f: Fields = { v, errors, set, put: (name) => (x) => set({ [name]: x }) };
	return (
		<Dialog open onClose={close} label={title} class={wide ? 'wide' : ''}>
			<form ref={form} class="inside" onSubmit={submit} noValidate>
				<h2>{title}</h2>
				{draft.restored && (
					<Note icon="history" role="status">
						<span>{t('draft.restored')}</span>
						<button type="button" class="btn small" onClick={draft.discard}>
							{t('draft.discard')}
						</button>
					</Note>
				)}
				{act.problem && ![401, 422].includes(act.problem.status) && <ProblemNote problem={act.problem} retryAt={act.retryAt} cancel={act.cancel} />}
				<OtherErrors errors={errors} known={[...Object.keys(start), ...required, ...dates, ...said]} />
				{children(f)}
				<div class="row">
					<button type="submit" class={`btn ${danger ? 'danger' : 'main'}`} disabled={act.busy}>
						{act.busy ? t('state.working') : label}
					</button>
					<button type="button" class="btn" onClick={close}>
						{t('form.cancel')}
					</button>
				</div>
			</form>
		</Dialog>
	);
}
