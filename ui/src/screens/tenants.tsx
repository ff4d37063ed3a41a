/* tenants.tsx - the platform's institutions: added, renamed, suspended. No clinical data here. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Answer, call } from '../api/client';
import { useAction, useQuery } from '../api/query';
import { type Errors, focusFirstError, Input, OtherErrors, serverErrors } from '../components/form';
import { Icon } from '../components/icon';
import { Card, Dialog, Head, toast, When } from '../components/parts';
import { Empty, Loaded, ProblemNote } from '../components/state';
import { t } from '../i18n';

type Tenant = Answer<'/api/tenants'>['items'][number];

function Form({ of, onClose, onDone }: { of?: Tenant; onClose: () => void; onDone: () => void }) {
	const [v, setV] = useState({ slug: of?.slug ?? '', name: of?.name ?? '', cnpj: of?.cnpj ?? '', cnes: of?.cnes ?? '' });
	const [tried, setTried] = useState(false);
	const [served, setServed] = useState<Errors>({});
	const form = useRef<HTMLFormElement>(null);
	const rest = { name: v.name.trim(), cnpj: v.cnpj.trim() || undefined, cnes: v.cnes.trim() || undefined };
	const save = useAction((key) =>
		of
			? call('put', '/api/tenants/{id}', { path: { id: of.id }, body: { ...rest, suspended: !!of.suspendedAt, version: of.version }, key })
			: call('post', '/api/tenants', { body: { slug: v.slug.trim(), ...rest }, key }),
	);
	useEffect(() => {
		if (save.problem?.status === 422) {
			setServed(serverErrors(save.problem));
			focusFirstError(form.current);
		}
	}, [save.problem]);
	const errors: Errors = { name: v.name.trim() ? undefined : t('invalid.required'), slug: of || v.slug.trim() ? undefined : t('invalid.required') };
	const field = (k: keyof typeof v) => ({
		name: k,
		value: v[k],
		error: served[k] ?? (tried ? errors[k] : undefined),
		onValue: (x: string) => {
			setV({ ...v, [k]: x });
			setServed({ ...served, [k]: undefined });
		},
		autoComplete: 'off',
	});
	async function submit(e: Event): Promise<void> {
		e.preventDefault();
		setTried(true);
		if (errors.name || errors.slug) return focusFirstError(form.current);
		if (await save.run()) {
			toast(t('tenant.saved'));
			onDone();
		}
	}
	return (
		<Dialog open onClose={onClose} label={of ? t('tenant.edit') : t('tenant.new')}>
			<form ref={form} onSubmit={submit} noValidate>
				<h2>{of ? t('tenant.edit') : t('tenant.new')}</h2>
				<OtherErrors errors={served} known={['slug', 'name', 'cnpj', 'cnes']} />
				{save.problem && ![401, 422].includes(save.problem.status) && <ProblemNote problem={save.problem} retryAt={save.retryAt} cancel={save.cancel} />}
				{!of && <Input {...field('slug')} label={t('tenant.slug')} hint={t('tenant.slug.hint')} required />}
				<Input {...field('name')} label={t('tenant.name')} required />
				<Input {...field('cnpj')} label={t('tenant.cnpj')} optional />
				<Input {...field('cnes')} label={t('tenant.cnes')} optional inputMode="numeric" maxLength={7} />
				<div class="row">
					<button type="submit" class="btn main" disabled={save.busy}>
						{save.busy ? t('state.working') : t('form.save')}
					</button>
					<button type="button" class="btn" onClick={onClose}>
						{t('form.cancel')}
					</button>
				</div>
			</form>
		</Dialog>
	);
}

export function Tenants(_: { params: Record<string, string> }) {
	const q = useQuery('tenants', (signal) => call('get', '/api/tenants', { signal }));
	const [editing, setEditing] = useState<Tenant | 'new'>();
	const set = useAction((key, x: Tenant) =>
		call('put', '/api/tenants/{id}', { path: { id: x.id }, body: { name: x.name, cnpj: x.cnpj ?? undefined, cnes: x.cnes ?? undefined, suspended: !x.suspendedAt, version: x.version }, key }),
	);
	return (
		<>
			<Head title={t('nav.tenants')} lead={t('tenant.lead')}>
				<button type="button" class="btn main" onClick={() => setEditing('new')}>
					<Icon name="plus" />
					{t('tenant.new')}
				</button>
			</Head>
			{set.problem && set.problem.status !== 401 && <ProblemNote problem={set.problem} retryAt={set.retryAt} cancel={set.cancel} />}
			<Loaded query={q}>
				{({ items }) =>
					items.length === 0 ? (
						<Empty icon="building" title={t('tenant.none')} />
					) : (
						<ul class="stack">
							{items.map((x) => (
								<li key={x.id}>
									<Card>
										<div class="row between">
											<div>
												<h2>{x.name}</h2>
												<p class="small quiet">
													<code>{x.slug}</code> {x.cnpj && `· CNPJ ${x.cnpj}`} {x.cnes && `· CNES ${x.cnes}`} · <When at={x.createdAt} />
												</p>
											</div>
											<div class="row">
												<span class={`badge ${x.suspendedAt ? 'critical' : 'good'}`}>{x.suspendedAt ? t('tenant.suspended') : t('tenant.active')}</span>
												<button type="button" class="btn small" onClick={() => setEditing(x)} aria-label={`${t('form.edit')}: ${x.name}`}>
													{t('form.edit')}
												</button>
												<button
													type="button"
													class={`btn small ${x.suspendedAt ? '' : 'danger'}`}
													title={x.suspendedAt ? undefined : t('tenant.suspend.text')}
													disabled={set.busy}
													aria-label={`${x.suspendedAt ? t('tenant.resume') : t('tenant.suspend')}: ${x.name}`}
													onClick={async () => {
														if (await set.run(x)) {
															toast(t('tenant.saved'));
															q.retry();
														}
													}}
												>
													{x.suspendedAt ? t('tenant.resume') : t('tenant.suspend')}
												</button>
											</div>
										</div>
									</Card>
								</li>
							))}
						</ul>
					)
				}
			</Loaded>
			{editing && (
				<Form
					of={editing === 'new' ? undefined : editing}
					onClose={() => setEditing(undefined)}
					onDone={() => {
						setEditing(undefined);
						q.retry();
					}}
				/>
			)}
		</>
	);
}
