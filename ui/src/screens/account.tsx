/* account.tsx - one's own account: where one is signed in, the password, the second factor. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { encode } from 'uqr';
import { call, Problem } from '../api/client';
import { useAction, useQuery } from '../api/query';
import { type Errors, focusFirstError, Input, OtherErrors, serverErrors } from '../components/form';
import { Icon } from '../components/icon';
import { Card, Head, Note, toast, When } from '../components/parts';
import { Empty, Loaded, ProblemNote } from '../components/state';
import { t, tcode } from '../i18n';
import { me, shutOut, start } from '../session';
import { ResetNote } from './resets';

function Password() {
	const [v, setV] = useState({ current: '', next: '', again: '' });
	const [tried, setTried] = useState(false);
	const [served, setServed] = useState<Errors>({});
	const form = useRef<HTMLFormElement>(null);
	const save = useAction((key) => call('post', '/api/auth/password', { body: { current: v.current, new: v.next }, key }));
	const errors: Errors = {};
	if (!v.current) errors.current = t('invalid.required');
	if ([...v.next].length < 10 || !/\p{L}/u.test(v.next) || !/\d/.test(v.next)) errors.new = t('invalid.password_weak');
	if (v.again !== v.next) errors.again = t('account.again.bad');
	const shown = (k: string) => served[k] ?? (tried ? errors[k] : undefined);
	useEffect(() => {
		if (save.problem?.status === 422) {
			setServed(serverErrors(save.problem));
			focusFirstError(form.current);
		}
	}, [save.problem]);
	async function submit(e: Event): Promise<void> {
		e.preventDefault();
		setTried(true);
		if (Object.values(errors).some(Boolean)) return focusFirstError(form.current);
		if ((await save.run()) !== undefined) {
			setV({ current: '', next: '', again: '' });
			setTried(false);
			toast(t('account.passwordSaved'));
			void start();
		}
	}
	const put = (k: keyof typeof v, name: string) => (x: string) => {
		setV({ ...v, [k]: x });
		setServed({ ...served, [name]: undefined });
	};
	return (
		<Card title={t('account.password')}>
			<form ref={form} class="stack" onSubmit={submit} noValidate>
				<OtherErrors errors={served} known={['current', 'new']} />
				{save.problem && save.problem.status !== 422 && (save.problem.code === 'CREDENTIALS' ? <Note tone="critical" icon="alert" role="alert">{t('account.current.bad')}</Note> : save.problem.status !== 401 && <ProblemNote problem={save.problem} retryAt={save.retryAt} cancel={save.cancel} />)}
				<input type="text" name="username" autocomplete="username" value={me.value?.email ?? ''} hidden readOnly />
				<Input name="current" label={t('account.current')} type="password" autoComplete="current-password" value={v.current} onValue={put('current', 'current')} error={shown('current')} required />
				<Input name="new" label={t('account.next')} type="password" autoComplete="new-password" hint={t('account.passwordRules')} value={v.next} onValue={put('next', 'new')} error={shown('new')} required />
				<Input name="again" label={t('account.again')} type="password" autoComplete="new-password" value={v.again} onValue={put('again', 'again')} error={shown('again')} required />
				<div>
					<button type="submit" class="btn main" disabled={save.busy}>
						{save.busy ? t('state.working') : t('account.change')}
					</button>
				</div>
			</form>
		</Card>
	);
}

/** A QR code as one path; the secret stays in this browser. */
function Qr({ text }: { text: string }) {
	const { d, size } = useMemo(() => {
		const qr = encode(text, { border: 2 });
		let path = '';
		for (let y = 0; y < qr.size; y++) for (let x = 0; x < qr.size; x++) if (qr.data[y]?.[x]) path += `M${x} ${y}h1v1h-1z`;
		return { d: path, size: qr.size };
	}, [text]);
	return (
		<div class="qr">
			<svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={t('totp.qr')} shape-rendering="crispEdges">
				<path d={d} />
			</svg>
		</div>
	);
}

function Totp() {
	const on = !!me.value?.totp;
	const [password, setPassword] = useState('');
	const [offer, setOffer] = useState<{ secret: string; uri: string }>();
	const [code, setCode] = useState('');
	const [wrong, setWrong] = useState(false);
	const begin = useAction((key) => call('post', '/api/auth/totp', { key }));
	const confirm = useAction((key, c: string) => call('post', '/api/auth/totp/confirm', { body: { code: c }, key }));
	const off = useAction((key) => call('post', '/api/auth/totp/remove', { body: { password }, key }));
	const codeInput = (
		<Input name="code" label={t('login.totp')} inputMode="numeric" autoComplete="one-time-code" maxLength={8} inputClass="code" value={code} onValue={(v) => setCode(v.replace(/\D/g, ''))} error={wrong ? t('login.badCode') : undefined} autoFocus />
	);
	const problem = begin.problem ?? confirm.problem ?? off.problem;
	async function finish(e: Event, act: () => Promise<unknown>, word: string): Promise<void> {
		e.preventDefault();
		setWrong(false);
		if (on ? !password : !/^\d{6}$/.test(code)) return setWrong(true);
		if ((await act()) !== undefined) {
			setOffer(undefined);
			setCode('');
			setPassword('');
			toast(word);
			void start();
		} else setWrong(true);
	}
	return (
		<Card title={t('totp.title')} action={on ? <span class="badge good">{t('totp.on')}</span> : <span class="badge">{t('totp.off')}</span>}>
			<div class="stack">
				<p class="quiet">{t('totp.lead')}</p>
				{problem && ![401, 422].includes(problem.status) && <ProblemNote problem={problem} retryAt={begin.retryAt} />}
				{!on && !offer && (
					<div>
						<button
							type="button"
							class="btn"
							disabled={begin.busy}
							onClick={async () => {
								const o = await begin.run();
								if (o) setOffer(o);
							}}
						>
							<Icon name="key" />
							{t('totp.begin')}
						</button>
					</div>
				)}
				{!on && offer && (
					<form class="stack" noValidate onSubmit={(e) => void finish(e, () => confirm.run(code), t('totp.done'))}>
						<p>{t('totp.scan')}</p>
						<Qr text={offer.uri} />
						<p class="small">
							{t('totp.secret')} <code class="pre">{offer.secret.replace(/(.{4})/g, '$1 ').trim()}</code>
						</p>
						{codeInput}
						<div>
							<button type="submit" class="btn main" disabled={confirm.busy}>
								{t('totp.confirm')}
							</button>
						</div>
					</form>
				)}
				{on && (
					<form class="stack" noValidate onSubmit={(e) => void finish(e, () => off.run(), t('totp.gone'))}>
						<Input name="totp-password" label={t('account.current')} type="password" autoComplete="current-password" value={password} onValue={setPassword} error={wrong ? t('account.current.bad') : undefined} />
						<div>
							<button type="submit" class="btn danger" disabled={off.busy}>
								{t('totp.remove')}
							</button>
						</div>
					</form>
				)}
			</div>
		</Card>
	);
}

function Sessions() {
	const q = useQuery('sessions', (signal) => call('get', '/api/auth/sessions', { signal }));
	const [busy, setBusy] = useState('');
	const [problem, setProblem] = useState<Problem>();
	async function end(id: string): Promise<void> {
		setBusy(id);
		setProblem(undefined);
		try {
			await call('delete', '/api/auth/sessions/{id}', { path: { id } });
			toast(t('session.ended'));
			q.retry();
		} catch (e) {
			setProblem(e as Problem);
		}
		setBusy('');
	}
	return (
		<Card title={t('session.title')}>
			{problem && problem.status !== 401 && <ProblemNote problem={problem} />}
			<Loaded query={q}>
				{({ items }) =>
					items.length === 0 ? (
						<Empty icon="lock" title={t('session.none')} />
					) : (
						<ul class="stack">
							{items.map((s) => (
								<li key={s.id} class="row between">
									<div>
										<strong>{browserOf(s.agent)}</strong> {s.current && <span class="badge good">{t('session.this')}</span>}
										<div class="small quiet">
											{t('session.from')} <code>{s.address}</code> · {t('session.seen')} <When at={s.seenAt} />
										</div>
									</div>
									{!s.current && (
										<button type="button" class="btn small" disabled={busy === s.id} onClick={() => void end(s.id)} aria-label={`${t('session.end')}: ${browserOf(s.agent)}, ${s.address}`}>
											{t('session.end')}
										</button>
									)}
								</li>
							))}
						</ul>
					)
				}
			</Loaded>
		</Card>
	);
}
function browserOf(agent: string): string {
	const name = /Edg\//.test(agent) ? 'Edge' : /Firefox\//.test(agent) ? 'Firefox' : /Chrom(e|ium)\//.test(agent) ? 'Chrome' : /Safari\//.test(agent) ? 'Safari' : agent.split('/')[0] || t('session.unknown');
	const system = /Android/.test(agent) ? 'Android' : /iPhone|iPad/.test(agent) ? 'iOS' : /Windows/.test(agent) ? 'Windows' : /Mac OS/.test(agent) ? 'macOS' : /Linux/.test(agent) ? 'Linux' : '';
	return [name, system].filter(Boolean).join(' · ');
}

export function Account(_: { params: Record<string, string> }) {
	const who = me.value;
	if (!who) return null;
	return (
		<>
			<Head title={t('nav.account')} lead={`${who.name} · ${who.email} · ${tcode('role', who.role)}`} />
			{who.passwordMustChange && (
				<Note tone="high" icon="key" role="alert">
					<strong>{t('account.mustChange')}</strong>
				</Note>
			)}
			{who.resetPending && <ResetNote code={who.resetCode} />}
			{who.resetAt && !who.resetPending && (
				<Note icon="info">
					<span>
						{t('reset.told')} <When at={who.resetAt} />
					</span>
				</Note>
			)}
			<div class="cols">
				{!shutOut(who) && (
					<div class="stack">
						<Sessions />
						<Totp />
					</div>
				)}
				<Password />
			</div>
		</>
	);
}
