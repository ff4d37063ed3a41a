/* form.tsx - fields with their label, hint and error tied together for eye, keyboard and ear. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { FieldProblem, Problem } from '../api/client';
import { t, tcode } from '../i18n';
import { Icon } from './icon';

export type Errors = Record<string, string | undefined>;

/** The server's 422 as words per field: the reader's language first, the server's text otherwise. */
export function serverErrors(p: Problem | undefined): Errors {
	const out: Errors = {};
	for (const e of p?.errors ?? ([] as FieldProblem[])) out[e.field] = e.message || tcode('invalid', e.code, e.code);
	return out;
}

interface FieldProps {
	label: string;
	hint?: ComponentChildren;
	error?: string;
	class?: string;
	/** Set when the label says it already. */
	optional?: boolean;
}

export function Field({ label, hint, error, optional, class: cls = '', children }: FieldProps & { children: (ids: { id: string; described: string | undefined; invalid: boolean }) => ComponentChildren }) {
	const id = useId();
	const described = [hint ? id + 'h' : '', error ? id + 'e' : ''].filter(Boolean).join(' ') || undefined;
	return (
		<div class={`field ${cls}`}>
			<label for={id}>
				{label}
				{optional && <span class="quiet"> {t('form.optional')}</span>}
			</label>
			{children({ id, described, invalid: !!error })}
			{hint && (
				<div class="hint" id={id + 'h'}>
					{hint}
				</div>
			)}
			{error && (
				<div class="bad" id={id + 'e'}>
					<Icon name="alert" />
					{error}
				</div>
			)}
		</div>
	);
}

type InputProps = FieldProps & {
	name: string;
	value: string;
	onValue: (v: string) => void;
	onBlur?: () => void;
	/** Rewrites what was typed (CPF dots); the caret stays where it was. */
	mask?: (v: string) => string;
	required?: boolean;
} & Pick<JSX.InputHTMLAttributes<HTMLInputElement>, 'type' | 'inputMode' | 'maxLength' | 'placeholder' | 'disabled' | 'min' | 'max' | 'step' | 'autoFocus'> & {
		autoComplete?: string;
		inputClass?: string;
	};

function masked(el: HTMLInputElement, mask: (v: string) => string): string {
	const at = el.selectionStart ?? el.value.length;
	const before = el.value.slice(0, at).replace(/\D/g, '').length;
	const out = mask(el.value);
	let to = 0;
	for (let seen = 0; to < out.length && seen < before; to++) if (/\d/.test(out[to] as string)) seen++;
	if (at >= el.value.length) to = out.length;
	el.value = out;
	el.setSelectionRange(to, to);
	return out;
}

export function Input({ label, hint, error, optional, class: cls, onValue, mask, inputClass = '', required, ...rest }: InputProps) {
	const ref = useRef<HTMLInputElement>(null);
	/* a form that arrives after its title takes the focus over, but never from another field */
	useEffect(() => {
		const here = document.activeElement;
		if (rest.autoFocus && (!here || here === document.body || here.tagName === 'H1' || here.tagName === 'MAIN')) ref.current?.focus();
	}, []);
	return (
		<Field label={label} hint={hint} error={error} optional={optional} class={cls}>
			{({ id, described, invalid }) => (
				<input
					{...(rest as JSX.InputHTMLAttributes<HTMLInputElement>)}
					ref={ref}
					id={id}
					class={`input ${inputClass}`}
					aria-describedby={described}
					aria-invalid={invalid || undefined}
					aria-required={required || undefined}
					onInput={(e) => onValue(mask ? masked(e.currentTarget, mask) : e.currentTarget.value)}
				/>
			)}
		</Field>
	);
}

export function Area({ label, hint, error, optional, class: cls, name, value, onValue, onBlur, maxLength, rows = 4, required }: FieldProps & { name: string; value: string; onValue: (v: string) => void; onBlur?: () => void; maxLength?: number; rows?: number; required?: boolean }) {
	const ref = useRef<HTMLTextAreaElement>(null);
	useEffect(() => {
		const el = ref.current;
		if (!el) return;
		el.style.height = 'auto';
		el.style.height = Math.min(el.scrollHeight + 2, 640) + 'px';
	}, [value]);
	const near = maxLength && [...value].length > maxLength * 0.9;
	return (
		<Field label={label} error={error} optional={optional} class={cls} hint={near ? t('form.left', { n: maxLength - [...value].length }) : hint}>
			{({ id, described, invalid }) => (
				<textarea
					ref={ref}
					id={id}
					name={name}
					class="input"
					rows={rows}
					value={value}
					aria-describedby={described}
					aria-invalid={invalid || undefined}
					aria-required={required || undefined}
					onInput={(e) => onValue(e.currentTarget.value)}
					onBlur={onBlur}
				/>
			)}
		</Field>
	);
}

export interface Choice {
	value: string;
	label: ComponentChildren;
}
export function Select({ label, hint, error, optional, class: cls, name, value, onValue, choices, empty, disabled }: FieldProps & { name: string; value: string; onValue: (v: string) => void; choices: { value: string; label: string }[]; empty?: string; disabled?: boolean }) {
	return (
		<Field label={label} hint={hint} error={error} optional={optional} class={cls}>
			{({ id, described, invalid }) => (
				<select id={id} name={name} class="input" value={value} disabled={disabled} aria-describedby={described} aria-invalid={invalid || undefined} onChange={(e) => onValue(e.currentTarget.value)}>
					{empty !== undefined && <option value="">{empty}</option>}
					{choices.map((c) => (
						<option key={c.value} value={c.value}>
							{c.label}
						</option>
					))}
				</select>
			)}
		</Field>
	);
}

/** A few choices side by side: one touch instead of a list. */
export function Radios({ label, hint, error, class: cls = '', name, value, onValue, choices, disabled, optional }: FieldProps & { name: string; value: string; onValue: (v: string) => void; choices: Choice[]; disabled?: boolean }) {
	const id = useId();
	return (
		<fieldset class={`field ${cls}`} aria-describedby={[hint ? id + 'h' : '', error ? id + 'e' : ''].filter(Boolean).join(' ') || undefined}>
			<legend>
				{label}
				{optional && <span class="quiet"> {t('form.optional')}</span>}
			</legend>
			<div class="choices">
				{choices.map((c) => (
					<label class="choice" key={c.value}>
						<input type="radio" name={name + id} data-name={name} value={c.value} checked={value === c.value} disabled={disabled} onChange={() => onValue(c.value)} />
						<span>{c.label}</span>
					</label>
				))}
			</div>
			{hint && (
				<div class="hint" id={id + 'h'}>
					{hint}
				</div>
			)}
			{error && (
				<div class="bad" id={id + 'e'}>
					<Icon name="alert" />
					{error}
				</div>
			)}
		</fieldset>
	);
}

export function Check({ label, value, onValue, name }: { label: ComponentChildren; value: boolean; onValue: (v: boolean) => void; name: string }) {
	return (
		<label class="check">
			<input type="checkbox" name={name} checked={value} onChange={(e) => onValue(e.currentTarget.checked)} />
			<span>{label}</span>
		</label>
	);
}

/** Moves to the first field in error; called after a refused submit. */
export function focusFirstError(form: HTMLElement | null): void {
	requestAnimationFrame(() => {
		const bad = form?.querySelector<HTMLElement>('[aria-invalid="true"], .bad');
		const el = bad?.classList.contains('bad') ? bad.closest('fieldset')?.querySelector<HTMLElement>('input') : bad;
		el?.focus();
		el?.scrollIntoView({ block: 'center' });
	});
}

/** Errors that name no field of this form, said on top of it. */
export function OtherErrors({ errors, known }: { errors: Errors; known: string[] }) {
	const rest = Object.entries(errors).filter(([k, v]) => v && !known.includes(k));
	if (!rest.length) return null;
	return (
		<div class="note critical" role="alert">
			<Icon name="alert" />
			<div>
				{rest.map(([k, v]) => (
					<span key={k}>
						<code>{k}</code>: {v}
					</span>
				))}
			</div>
		</div>
	);
}
