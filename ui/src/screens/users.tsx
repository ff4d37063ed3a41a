/* users.tsx - who works here and as what; and what each role may. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Answer, type Body, call } from '../api/client';
import { useAction, usePages, useQuery } from '../api/query';
import { cpfMask, cpfValid, digits } from '../lib/brazil';
import { Check, type Errors, focusFirstError, Input, OtherErrors, Select, serverErrors } from '../components/form';
import { Icon } from '../components/icon';
import { Card, Head, Note, toast, When } from '../components/parts';
import { Empty, Loaded, ProblemNote, Skeleton } from '../components/state';
import { t, tcode } from '../i18n';
import { fold, initials } from '../lib/format';
import { go } from '../router';
import { me, type Role } from '../session';
import { HandOver } from './resets';

type User = Answer<'/api/users/{id}'>;
const roles: Role[] = ['ADMIN', 'DOCTOR', 'NURSE', 'RECEPTIONIST', 'PATIENT', 'AUDITOR', 'DPO'];

export function Users(_: { params: Record<string, string> }) {
	const [text, setText] = useState('');
	const pages = usePages('users', (cursor, signal) => call('get', '/api/users', { query: { limit: 100, cursor }, signal }));
	const wanted = fold(text.trim());
	const shown = pages.items.filter((u) => !wanted || fold(`${u.name} ${u.email} ${tcode('role', u.role)}`).includes(wanted));
	return (
		<>
			<Head title={t('user.title')} lead={t('user.lead')}>
				<a class="btn main" href="/usuarios/novo">
					<Icon name="plus" />
					{t('user.new')}
				</a>
			</Head>
			<search>
				<Input name="q" type="search" label={t('user.search')} value={text} onValue={setText} autoComplete="off" />
			</search>
			{pages.problem && pages.problem.status !== 401 && <ProblemNote problem={pages.problem} retryAt={pages.retryAt} retry={pages.retry} />}
			<div class="card flush">
				{pages.items.length === 0 && !pages.done ? (
					!pages.problem && (
						<div class="pad">
							<Skeleton lines={7} height="2.5rem" />
						</div>
					)
				) : shown.length === 0 ? (
					<Empty icon="users" title={t('user.none')} />
				) : (
					<ul class="plain-lines" aria-label={t('nav.users')}>
						{shown.map((u) => (
							<li key={u.id}>
								<a class="line user" href={`/usuarios/${u.id}`}>
									<span class="avatar" aria-hidden="true">
										{initials(u.name)}
									</span>
									<div class="cut">
										<div class="name cut">{u.name}</div>
										<div class="small quiet cut">{u.email}</div>
									</div>
									<span class="row">
										{u.disabledAt && <span class="badge critical">{t('user.inactive')}</span>}
										{u.totp && (
											<span class="badge good wide-only">
												<Icon name="key" />
												{t('user.totp')}
											</span>
										)}
										<span class="badge accent">{tcode('role', u.role)}</span>
									</span>
								</a>
							</li>
						))}
					</ul>
				)}
			</div>
			{!pages.done && pages.items.length > 0 && (
				<div>
					<button type="button" class="btn" onClick={pages.more} disabled={pages.loading}>
						{t('form.more')}
					</button>
				</div>
			)}
			<Card title={t('roles.title')}>
				<dl class="facts">
					{roles.map((r) => (
						<div key={r}>
							<dt>{tcode('role', r)}</dt>
							<dd class="small">{tcode('roles', r)}</dd>
						</div>
					))}
				</dl>
			</Card>
		</>
	);
}

interface Values {
	name: string;
	email: string;
	cpf: string;
	role: string;
	password: string;
	disabled: boolean;
}
function check(v: Values, isNew: boolean): Errors {
	const e: Errors = {};
	if (!v.name.trim()) e.name = t('invalid.required');
	if (!v.email.trim()) e.email = t('invalid.required');
	else if (!/^[^\s@]+@[^\s@]+$/.test(v.email.trim())) e.email = t('invalid.email');
	if (v.cpf && !cpfValid(v.cpf)) e.cpf = t('invalid.cpf');
	if (!v.role) e.role = t('invalid.required');
	if (isNew && [...v.password].length < 10) e.password = t('invalid.password_weak');
	return e;
}

function Form({ user }: { user?: User }) {
	const [v, setV] = useState<Values>({ name: user?.name ?? '', email: user?.email ?? '', cpf: '', role: user?.role ?? '', password: '', disabled: !!user?.disabledAt });
	const [tried, setTried] = useState(false);
	const [served, setServed] = useState<Errors>({});
	const form = useRef<HTMLFormElement>(null);
	const errors = check(v, !user);
	const save = useAction((key) =>
		user
			? call('put', '/api/users/{id}', {
					path: { id: user.id },
					body: { name: v.name.trim(), cpf: digits(v.cpf) || undefined, role: v.role as Body<'/api/users/{id}', 'put'>['role'], disabled: v.disabled, version: user.version },
					key,
				})
			: call('post', '/api/users', { body: { name: v.name.trim(), email: v.email.trim(), cpf: digits(v.cpf) || undefined, role: v.role, password: v.password } as Body<'/api/users', 'post'>, key }),
	);
	useEffect(() => {
		if (save.problem?.status === 422) {
			setServed(serverErrors(save.problem));
			focusFirstError(form.current);
		}
	}, [save.problem]);
	const shown = (k: keyof Values) => served[k] ?? (tried ? errors[k] : undefined);
	const put = (k: keyof Values) => (x: string | boolean) => {
		setV({ ...v, [k]: x });
		setServed({ ...served, [k]: undefined });
	};
	async function submit(e: Event): Promise<void> {
		e.preventDefault();
		setTried(true);
		if (Object.values(errors).some(Boolean)) return focusFirstError(form.current);
		if (await save.run()) {
			toast(t('user.saved'));
			go('/usuarios', { replace: true });
		}
	}
	return (
		<form ref={form} class="stack" onSubmit={submit} noValidate>
			<OtherErrors errors={served} known={['name', 'email', 'cpf', 'role', 'password', 'disabled']} />
			{save.problem && ![401, 422].includes(save.problem.status) && <ProblemNote problem={save.problem} retryAt={save.retryAt} cancel={save.cancel} />}
			<Card>
				<div class="form">
					<Input class="w6" name="name" label={t('patient.name')} value={v.name} onValue={put('name')} error={shown('name')} required autoComplete="off" autoFocus={!user} />
					<Input class="w6" name="email" label={t('login.email')} type="email" value={v.email} onValue={put('email')} error={shown('email')} required autoComplete="off" disabled={!!user} />
					<Input class="w6" name="cpf" label="CPF" mask={cpfMask} inputMode="numeric" placeholder={user?.cpf ?? '000.000.000-00'} value={v.cpf} onValue={put('cpf')} error={shown('cpf')} autoComplete="off" optional />
					<Select class="w6" name="role" label={t('access.role')} value={v.role} onValue={put('role')} error={shown('role')} empty={t('form.choose')} choices={roles.map((r) => ({ value: r, label: tcode('role', r) }))} hint={v.role ? tcode('roles', v.role) : undefined} disabled={user?.id === me.value?.id} />
					{!user && <Input class="w6" name="password" label={t('user.password')} type="password" value={v.password} onValue={put('password')} error={shown('password')} hint={t('account.passwordRules')} autoComplete="new-password" required />}
					{user && user.id !== me.value?.id && (
						<div class="w6 bottom">
							<Check name="disabled" label={t('user.disable')} value={v.disabled} onValue={put('disabled')} />
						</div>
					)}
				</div>
			</Card>
			{user && v.disabled && !user.disabledAt && (
				<Note tone="high" icon="alert">
					{t('user.disable.text')}
				</Note>
			)}
			<div class="row actions">
				<button type="submit" class="btn main" disabled={save.busy}>
					<Icon name="check" />
					{save.busy ? t('state.working') : t('form.save')}
				</button>
				<a class="btn" href="/usuarios">
					{t('form.cancel')}
				</a>
			</div>
			{user && (
				<p class="small quiet">
					{t('user.since')} <When at={user.createdAt} />
					{user.lastLoginAt && (
						<>
							{' · '}
							{t('user.lastLogin')} <When at={user.lastLoginAt} />
						</>
					)}
				</p>
			)}
		</form>
	);
}

export function UserForm({ params }: { params: Record<string, string> }) {
	const id = params.id === 'novo' ? undefined : params.id;
	const q = useQuery(id ? `user ${id}` : null, (signal) => call('get', '/api/users/{id}', { path: { id: id as string }, signal }));
	const title = id ? (q.data?.name ?? t('user.edit')) : t('user.new');
	return (
		<>
			<Head title={title} tab={id ? t('user.edit') : t('user.new')} crumbs={[{ label: t('nav.users'), to: '/usuarios' }, { label: id ? t('user.edit') : t('user.new') }]} />
			{id ? <Loaded query={q}>{(u) => (
				<>
					<Form key={u.version} user={u} />
					{u.id !== me.value?.id && <HandOver userId={u.id} pending={u.resetPending} onDone={q.retry} />}
				</>
			)}</Loaded> : <Form />}
		</>
	);
}
