/* resets.tsx - a password that an administrator replaced: he hands one over, the person chooses another
 * and reads a code from the account's screen, the data-protection officer types it. */
import { useEffect, useState } from 'preact/hooks';
import { type Answer, call } from '../api/client';
import { useAction, usePages } from '../api/query';
import { type Errors, Input, serverErrors } from '../components/form';
import { Icon } from '../components/icon';
import { Card, Dialog, Note, toast, When } from '../components/parts';
import { ProblemNote } from '../components/state';
import { t } from '../i18n';

/** The administrator's part, on the account's page. */
export function HandOver({ userId, pending, onDone }: { userId: string; pending: boolean; onDone: () => void }) {
	const [password, setPassword] = useState('');
	const [errors, setErrors] = useState<Errors>({});
	const ask = useAction((key) => call('post', '/api/users/{id}/resets', { path: { id: userId }, body: { password }, key }));
	useEffect(() => {
		if (ask.problem?.status === 422) setErrors(serverErrors(ask.problem));
	}, [ask.problem]);
	async function submit(e: Event): Promise<void> {
		e.preventDefault();
		if ([...password].length < 10) return setErrors({ password: t('invalid.password_weak') });
		if (await ask.run()) {
			setPassword('');
			toast(t('reset.done'), 'high');
			onDone();
		}
	}
	return (
		<Card title={t('reset.title')} action={pending ? <span class="badge high">{t('reset.pending')}</span> : undefined}>
			<form class="stack" onSubmit={submit} noValidate>
				<p class="quiet">{t('reset.lead')}</p>
				{ask.problem && ![401, 422].includes(ask.problem.status) && <ProblemNote problem={ask.problem} retryAt={ask.retryAt} cancel={ask.cancel} />}
				<Input
					name="reset-password"
					label={t('reset.password')}
					type="password"
					autoComplete="new-password"
					hint={t('account.passwordRules')}
					value={password}
					onValue={(v) => {
						setPassword(v);
						setErrors({});
					}}
					error={errors.password}
					required
				/>
				<div>
					<button type="submit" class="btn danger" disabled={ask.busy}>
						<Icon name="key" />
						{ask.busy ? t('state.working') : t('reset.ask')}
					</button>
				</div>
			</form>
		</Card>
	);
}

type Reset = Answer<'/api/resets'>['items'][number];

function Decide({ of, onClose, onDone }: { of: Reset; onClose: () => void; onDone: () => void }) {
	const [code, setCode] = useState('');
	const [errors, setErrors] = useState<Errors>({});
	const decide = useAction((key, verdict: 'CONFIRMED' | 'REFUSED') =>
		call('post', '/api/resets/{id}/decision', { path: { id: of.id }, body: { verdict, code: verdict === 'CONFIRMED' ? code.trim().toUpperCase() : undefined }, key }),
	);
	useEffect(() => {
		if (decide.problem?.status === 422) setErrors(serverErrors(decide.problem));
	}, [decide.problem]);
	async function confirm(e: Event): Promise<void> {
		e.preventDefault();
		if (!code.trim()) return setErrors({ code: t('invalid.required') });
		if (await decide.run('CONFIRMED')) onDone();
	}
	return (
		<Dialog open onClose={onClose} label={t('reset.review')}>
			<form onSubmit={confirm} noValidate>
				<h2>{t('reset.review')}</h2>
				<p>{t('reset.ask.person', { name: of.userName })}</p>
				<Input
					name="code"
					label={t('reset.code')}
					inputClass="code"
					autoComplete="off"
					maxLength={16}
					value={code}
					onValue={(v) => {
						setCode(v);
						setErrors({});
					}}
					error={errors.code}
				/>
				{decide.problem && ![401, 422].includes(decide.problem.status) && <ProblemNote problem={decide.problem} retryAt={decide.retryAt} cancel={decide.cancel} />}
				<div class="row">
					<button type="submit" class="btn main" disabled={decide.busy}>
						{t('reset.confirm')}
					</button>
					<button
						type="button"
						class="btn danger"
						disabled={decide.busy}
						onClick={async () => {
							if (await decide.run('REFUSED')) onDone();
						}}
					>
						{t('reset.refuse')}
					</button>
					<button type="button" class="btn" onClick={onClose}>
						{t('form.cancel')}
					</button>
				</div>
			</form>
		</Dialog>
	);
}

/** The officer's part, above the openings outside care; nothing while nothing waits. */
export function ResetQueue() {
	const [turn, setTurn] = useState(0);
	const [deciding, setDeciding] = useState<Reset>();
	const pages = usePages(`resets ${turn}`, (cursor, signal) => call('get', '/api/resets', { query: { pending: true, limit: 100, cursor }, signal }));
	if (pages.items.length === 0) return null;
	return (
		<Card title={t('reset.queue')}>
			<p class="quiet">{t('reset.queue.lead')}</p>
			<ul class="stack">
				{pages.items.map((r) => (
					<li key={r.id} class="row between">
						<div>
							<strong>{r.userName}</strong>
							<div class="small quiet">
								{t('reset.by', { name: r.askedByName })} · <When at={r.at} />
								{r.waiting && ` · ${t('reset.waiting')}`}
							</div>
						</div>
						<button type="button" class="btn" onClick={() => setDeciding(r)} aria-label={`${t('reset.review')}: ${r.userName}`}>
							<Icon name="scale" />
							{t('reset.review')}
						</button>
					</li>
				))}
			</ul>
			{deciding && (
				<Decide
					of={deciding}
					onClose={() => setDeciding(undefined)}
					onDone={() => {
						setDeciding(undefined);
						setTurn(turn + 1);
						toast(t('reset.decided'));
					}}
				/>
			)}
		</Card>
	);
}

/** The person's part: why nothing opens, and what to read out. */
export function ResetNote({ code }: { code: string | null }) {
	return (
		<Note tone="high" icon="key" role="alert">
			<strong>{t('reset.mine')}</strong>
			{code && (
				<span>
					{t('reset.mine.code')} <code class="pre">{code}</code>
				</span>
			)}
		</Note>
	);
}
