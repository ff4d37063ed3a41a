/* login.tsx - coming in: password, then the second factor when the account has one; the lock-out
 * counted down; an ended subscription said plainly. The sheet over a lapsed session is the same form. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { call, Problem } from '../api/client';
import { Input } from '../components/form';
import { Icon, Mark, Ring } from '../components/icon';
import { Dialog, Note, toast } from '../components/parts';
import { ProblemNote, useCountdown } from '../components/state';
import { count, lang, setLang, t } from '../i18n';
import { go, place } from '../router';
import { entered, farewell, lapsed, leave, me } from '../session';

function LoginForm({ email: known, onDone }: { email?: string; onDone: (role: string) => void }) {
	const [email, setEmail] = useState(known ?? '');
	const [password, setPassword] = useState('');
	const [totp, setTotp] = useState('');
	const [second, setSecond] = useState(false);
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState<Problem>();
	const [until, setUntil] = useState(0);
	const form = useRef<HTMLFormElement>(null);
	const left = useCountdown(until);

	useEffect(() => {
		if (second) form.current?.querySelector<HTMLInputElement>('[name=totp]')?.focus();
	}, [second]);

	async function submit(e: Event): Promise<void> {
		e.preventDefault();
		if (busy || left > 0) return;
		const f = form.current;
		const blank = !email.trim() ? 'email' : !password ? 'password' : second && !totp ? 'totp' : '';
		if (blank) return f?.querySelector<HTMLInputElement>(`[name=${blank}]`)?.focus();
		setBusy(true);
		setProblem(undefined);
		try {
			const done = await call('post', '/api/auth/login', {
				body: { email: email.trim(), password, ...(second ? { totp: totp.replace(/\s/g, '') } : {}) },
			});
			setPassword('');
			entered(done.user);
			if (done.failures > 0) toast(count('login.failures', done.failures), 'high');
			onDone(done.user.role);
		} catch (err) {
			const p = err as Problem;
			if (p.code === 'TOTP_REQUIRED') setSecond(true);
			else {
				setProblem(p);
				if (p.retryAfterMs) setUntil(Date.now() + p.retryAfterMs);
				if (p.status === 401 && second) setTotp('');
				requestAnimationFrame(() => f?.querySelector<HTMLInputElement>(second ? '[name=totp]' : '[name=password]')?.focus());
			}
		} finally {
			setBusy(false);
		}
	}

	return (
		<form ref={form} onSubmit={submit} noValidate>
			<h1 tabIndex={-1}>{known ? t(lapsed.value === 'prove' ? 'login.prove' : 'login.again') : t('login.title')}</h1>
			{known && <p class="quiet">{t(lapsed.value === 'prove' ? 'login.prove.text' : 'login.again.text')}</p>}
			{problem && problem.status === 401 && (
				<Note tone="critical" icon="alert" role="alert">
					{second ? t('login.badCode') : t('login.bad')}
				</Note>
			)}
			{problem && problem.status === 429 && left > 0 && (
				<Note tone="high" icon="clock" role="alert">
					<strong>{problem.code === 'LOCKED_OUT' ? t('login.locked') : t('problem.429')}</strong>
					<span class="num" aria-live="off">
						{t('login.lockedFor', { time: left >= 60 ? `${Math.floor(left / 60)} min ${left % 60} s` : `${left} s` })}
					</span>
				</Note>
			)}
			{problem && problem.status === 429 && left === 0 && (
				<Note tone="good" icon="check" role="status">
					{t('login.unlocked')}
				</Note>
			)}
			{problem && problem.code === 'SUBSCRIPTION' && (
				<Note tone="high" icon="building" role="alert">
					<strong>{problem.title}</strong>
					<span>{problem.detail || t('login.subscription')}</span>
				</Note>
			)}
			{problem && problem.status !== 401 && problem.status !== 429 && problem.code !== 'SUBSCRIPTION' && <ProblemNote problem={problem} />}
			<Input name="email" label={t('login.email')} type="email" inputMode="email" autoComplete="username" value={email} onValue={setEmail} disabled={!!known || second} required autoFocus={!known} />
			<Input name="password" label={t('login.password')} type="password" autoComplete="current-password" value={password} onValue={setPassword} disabled={second} required autoFocus={!!known} />
			{second && (
				<Input
					name="totp"
					label={t('login.totp')}
					hint={t('login.totp.hint')}
					inputMode="numeric"
					autoComplete="one-time-code"
					inputClass="code"
					maxLength={16}
					value={totp}
					onValue={(v) => setTotp(v)}
					required
				/>
			)}
			<button type="submit" class="btn main" disabled={busy || left > 0}>
				{busy ? t('state.working') : left > 0 ? t('login.wait', { n: left }) : second ? t('login.confirm') : t('login.enter')}
			</button>
			{second && (
				<button
					type="button"
					class="btn bare"
					onClick={() => {
						setSecond(false);
						setTotp('');
						setProblem(undefined);
					}}
				>
					<Icon name="left" />
					{t('login.back')}
				</button>
			)}
		</form>
	);
}

export function Login() {
	/* the place asked for before signing in is where one lands afterwards */
	const asked = useRef(place.value.path === '/entrar' ? '/' : place.value.path);
	const why = farewell.value;
	useEffect(() => {
		document.title = `${t('login.title')} · Plantão`;
		if (why) {
			asked.current = '/';
			history.replaceState({}, '', '/entrar');
		}
	}, [why]);
	return (
		<div class="login">
			<header class="login-art">
				<Ring />
				<div class="brand">
					<Mark />
					<span>Plantão</span>
				</div>
				<p>{t('login.lead')}</p>
			</header>
			<main class="login-form" id="main">
				<div class="stack">
					{why && (
						<Note icon="info" role="status">
							{t(`farewell.${why}`)}
						</Note>
					)}
					<LoginForm onDone={() => go(asked.current, { replace: true })} />
					<div class="row">
						<button type="button" class="btn bare small" onClick={() => void setLang(lang.value === 'pt' ? 'en' : 'pt')} lang={lang.value === 'pt' ? 'en' : 'pt-BR'}>
							{lang.value === 'pt' ? 'English' : 'Português'}
						</button>
					</div>
				</div>
			</main>
		</div>
	);
}

/** The session ended: what was on the screen stays behind the sheet, unseen and unlost. */
export function Lapsed() {
	const who = me.value;
	if (!who) return null;
	const prove = lapsed.value === 'prove'; /* the session lives: one may also let the act be */
	return (
		<Dialog open fixed onClose={() => {}} label={t(prove ? 'login.prove' : 'login.again')}>
			<div class="inside">
				<LoginForm email={who.email} onDone={() => {}} />
				<button type="button" class="btn bare" onClick={() => (prove ? (lapsed.value = '') : void leave())}>
					{t(prove ? 'form.cancel' : 'login.other')}
				</button>
			</div>
		</Dialog>
	);
}
