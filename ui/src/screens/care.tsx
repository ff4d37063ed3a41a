/* care.tsx - who cares for a patient: it is what opens the chart to them. */
import { useState } from 'preact/hooks';
import { call } from '../api/client';
import { useAction, useQuery } from '../api/query';
import { Select } from '../components/form';
import { Icon } from '../components/icon';
import { Card, toast, When } from '../components/parts';
import { Loaded, ProblemNote } from '../components/state';
import { t, tcode } from '../i18n';
import { me } from '../session';

export function Care({ patientId }: { patientId: string }) {
	const admin = me.value?.role === 'ADMIN';
	const q = useQuery(`care ${patientId}`, (signal) => call('get', '/api/patients/{id}/care', { path: { id: patientId }, signal }));
	/* only the administration chooses among the staff */
	const staff = useQuery(admin ? 'users' : null, (signal) => call('get', '/api/users', { query: { limit: 100 }, signal }));
	const [user, setUser] = useState('');
	const add = useAction((key) => call('post', '/api/patients/{id}/care', { path: { id: patientId }, body: { userId: user }, key }));
	const end = useAction((key, userId: string) => call('delete', '/api/patients/{id}/care/{userId}', { path: { id: patientId, userId }, key }));
	const name = (c: { userId: string; userName: string | null }) => (c.userId === me.value?.id ? t('record.you') : (c.userName ?? '–'));
	const can = (staff.data?.items ?? []).filter((u) => (u.role === 'DOCTOR' || u.role === 'NURSE') && !u.disabledAt);
	const problem = add.problem ?? end.problem;
	return (
		<Card title={t('care.title')}>
			<div class="stack">
				{problem && problem.status !== 401 && <ProblemNote problem={problem} retryAt={add.retryAt || end.retryAt} />}
				<Loaded query={q}>
					{({ items }) =>
						items.length === 0 ? (
							<p>{t('care.none')}</p>
						) : (
							<ul class="stack tight">
								{items.map((c) => (
									<li key={c.userId + c.kind} class="row between">
										<span>
											<strong>{name(c)}</strong>{' '}
											<span class={`badge ${c.kind === 'BREAK_GLASS' ? 'high' : 'accent'}`}>{tcode('care.kind', c.kind)}</span>{' '}
											<span class="small quiet">
												{t('care.since')} <When at={c.since} />
											</span>
										</span>
										{admin && (
											<button
												type="button"
												class="btn small no-print"
												aria-label={`${t('care.end')}: ${name(c)}`}
												disabled={end.busy}
												onClick={async () => {
													if ((await end.run(c.userId)) !== undefined) {
														toast(t('care.ended'));
														q.retry();
													}
												}}
											>
												{t('care.end')}
											</button>
										)}
									</li>
								))}
							</ul>
						)
					}
				</Loaded>
				{admin && (
					<form
						class="row no-print"
						onSubmit={async (e) => {
							e.preventDefault();
							if (user && (await add.run()) !== undefined) {
								toast(t('care.added'));
								setUser('');
								q.retry();
							}
						}}
					>
						<Select name="care" label={t('care.user')} value={user} onValue={setUser} empty={t('form.choose')} choices={can.map((u) => ({ value: u.id, label: `${u.name} · ${tcode('role', u.role)}` }))} />
						<button type="submit" class="btn" disabled={!user || add.busy}>
							<Icon name="plus" />
							{t('care.add')}
						</button>
					</form>
				)}
			</div>
		</Card>
	);
}
