/* confirm.tsx - the question before an act that takes something away, with its reason. */
import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Action } from '../api/query';
import { t } from '../i18n';
import { Area, focusFirstError } from './form';
import { Dialog } from './parts';
import { ProblemNote } from './state';

export function Confirm({ open, onClose, title, text, act, label, reason, danger, onDone }: {
	open: boolean;
	onClose: () => void;
	title: string;
	text: ComponentChildren;
	act: Action<[string], unknown>;
	label: string;
	/** Least length of the reason; 0: none is asked. */
	reason: number;
	danger?: boolean;
	onDone: () => void;
}) {
	const [why, setWhy] = useState('');
	const [tried, setTried] = useState(false);
	const form = useRef<HTMLFormElement>(null);
	const short = [...why.trim()].length < reason;
	async function submit(e: Event): Promise<void> {
		e.preventDefault();
		setTried(true);
		if (short) return focusFirstError(form.current);
		if ((await act.run(why.trim())) !== undefined) {
			setWhy('');
			setTried(false);
			onDone();
		}
	}
	const close = () => {
		act.cancel();
		act.clear();
		onClose();
	};
	return (
		<Dialog open={open} onClose={close} label={title}>
			<form ref={form} onSubmit={submit} noValidate>
				<h2>{title}</h2>
				<div>{text}</div>
				{reason > 0 && (
					<Area label={t('confirm.reason')} name="reason" value={why} onValue={setWhy} rows={3} required error={tried && short ? t('confirm.reason.short', { n: reason }) : undefined} hint={t('confirm.reason.hint')} />
				)}
				{act.problem && <ProblemNote problem={act.problem} retryAt={act.retryAt} cancel={act.cancel} />}
				<div class="row">
					<button type="submit" class={`btn ${danger ? 'danger' : 'main'}`} disabled={act.busy}>
						{act.busy ? t('state.working') : label}
					</button>
					<button type="button" class="btn" onClick={close}>
						{t('confirm.no')}
					</button>
				</div>
			</form>
		</Dialog>
	);
}
