/* record.tsx - one record: its text, its versions and what changed between them. */
import { useState } from 'preact/hooks';
import { call } from '../api/client';
import { useAction, useQuery } from '../api/query';
import { Select } from '../components/form';
import { Icon } from '../components/icon';
import { author, type MedicalRecord } from '../components/lines';
import { Confirm } from '../components/confirm';
import { Card, Head, Masked, Note, Priority, Shown, toast, When } from '../components/parts';
import { Empty, Loaded } from '../components/state';
import { type Key, t } from '../i18n';
import { diff } from '../lib/diff';
import { dateTime } from '../lib/format';
import { go } from '../router';
import { can, me } from '../session';

const texts = ['title', 'diagnosis', 'treatment', 'notes'] as const;

function Difference({ before, after }: { before: string; after: string }) {
	return (
		<div class="prose diff">
			{diff(before, after).map((p, i) =>
				p.kind === 'same' ? (
					<span key={i}>{p.text}</span>
				) : p.kind === 'add' ? (
					<ins key={i}>
						<span class="sr">{t('diff.added')} </span>
						{p.text}
					</ins>
				) : (
					<del key={i}>
						<span class="sr">{t('diff.removed')} </span>
						{p.text}
					</del>
				),
			)}
		</div>
	);
}

function Versions({ record }: { record: MedicalRecord }) {
	const q = useQuery(`versions ${record.id} ${record.version}`, (signal) => call('get', '/api/medical-records/{id}/versions', { path: { id: record.id }, signal }));
	const [left, setLeft] = useState<number>();
	const [right, setRight] = useState<number>();
	return (
		<Loaded query={q}>
			{({ items }) => {
				if (items.length < 2) return <Empty icon="history" title={t('version.only')} />;
				const b = items.find((x) => x.version === right) ?? items[items.length - 1];
				const a = items.find((x) => x.version === left) ?? items[items.length - 2];
				if (!a || !b) return null;
				const name = (x: (typeof items)[number]) => `${t('record.version', { n: x.version })} · ${dateTime(x.at)}`;
				const choices = items.map((x) => ({ value: String(x.version), label: name(x) }));
				return (
					<div class="stack">
						<div class="form no-print">
							<Select class="w6" name="left" label={t('version.from')} value={String(a.version)} onValue={(v) => setLeft(Number(v))} choices={choices} />
							<Select class="w6" name="right" label={t('version.to')} value={String(b.version)} onValue={(v) => setRight(Number(v))} choices={choices} />
						</div>
						<Card>
							<div class="clinical">
								{texts.map((k) => (
									<section key={k}>
										<h2>{t(`record.${k}` as Key)}</h2>
										{b.masked?.includes(k) ? <Masked /> : (a[k] ?? '') === (b[k] ?? '') ? (
											<div class="prose quiet">{b[k] || t('form.none')}</div>
										) : (
											<Difference before={a[k] ?? ''} after={b[k] ?? ''} />
										)}
									</section>
								))}
								{a.priority !== b.priority && (
									<section>
										<h2>{t('record.priority')}</h2>
										<div class="row">
											<Priority of={a.priority} />
											<Icon name="right" />
											<Priority of={b.priority} />
										</div>
									</section>
								)}
							</div>
						</Card>
					</div>
				);
			}}
		</Loaded>
	);
}

function Text({ record: r }: { record: MedicalRecord }) {
	return (
		<Card>
			<div class="clinical">
				{(['diagnosis', 'treatment', 'notes'] as const).map((k) => (
					<section key={k}>
						<h2>{t(`record.${k}` as Key)}</h2>
						<div class="prose">
							<Shown of={r} name={k}>
								{r[k]}
							</Shown>
						</div>
					</section>
				))}
			</div>
		</Card>
	);
}

function Acts({ record: r, reload }: { record: MedicalRecord; reload: () => void }) {
	const [asking, setAsking] = useState(false);
	const mine = r.doctorId === me.value?.id;
	const remove = useAction((key, reason: string) => call('delete', '/api/medical-records/{id}', { path: { id: r.id }, query: { reason } as never, key }));
	const restore = useAction((key) => call('post', '/api/medical-records/{id}/restore', { path: { id: r.id }, key }));
	const admin = me.value?.role === 'ADMIN';
	return (
		<>
			{mine && can('write') && !r.deletedAt && (
				<a class="btn" href={`/registros/${r.id}/editar`}>
					<Icon name="edit" />
					{t('record.correct')}
				</a>
			)}
			<button type="button" class="btn" onClick={() => window.print()}>
				<Icon name="print" />
				{t('form.print')}
			</button>
			{can('remove') && (mine || admin) && !r.deletedAt && (
				<button type="button" class="btn danger" onClick={() => setAsking(true)}>
					<Icon name="trash" />
					{t('record.remove')}
				</button>
			)}
			{can('restore') && (mine || admin) && r.deletedAt && (
				<button
					type="button"
					class="btn"
					disabled={restore.busy}
					onClick={async () => {
						if (await restore.run()) {
							toast(t('record.restored'));
							reload();
						}
					}}
				>
					<Icon name="undo" />
					{t('record.restore')}
				</button>
			)}
			<Confirm
				open={asking}
				onClose={() => setAsking(false)}
				title={t('record.remove')}
				text={t('record.remove.text')}
				act={remove}
				label={t('record.remove')}
				reason={5}
				danger
				onDone={() => {
					toast(t('record.removedNow'));
					go(`/pacientes/${r.patientId}`, { replace: true });
				}}
			/>
		</>
	);
}

export function RecordDetail({ params }: { params: Record<string, string> }) {
	const id = params.id as string;
	const q = useQuery(`record ${id}`, (signal) => call('get', '/api/medical-records/{id}', { path: { id }, query: { names: true, deleted: me.value?.role === 'ADMIN' || undefined }, signal }));
	const patient = useQuery(q.data ? `patient ${q.data.patientId}` : null, (signal) =>
		call('get', '/api/patients/{id}', { path: { id: q.data?.patientId ?? '' }, signal }),
	);
	const r = q.data;
	const versions = params.tab === 'versoes';
	const tab = (to: string, label: string, on: boolean) => (
		<a href={to} aria-current={on ? 'page' : undefined}>
			{label}
		</a>
	);
	return (
		<>
			<Head
				title={r ? (r.title ?? <span class="row">{t('record.one')} <Masked /></span>) : t('record.one')}
				tab={t('record.one')}
				crumbs={r ? [{ label: t('nav.patients'), to: '/pacientes' }, { label: patient.data?.name ?? t('chart.title'), to: `/pacientes/${r.patientId}` }, { label: t('record.one') }] : undefined}
				lead={
					r && (
						<div class="row">
							<Priority of={r.priority} />
							<span>
								<When at={r.createdAt} />
								{author(r) && <> · {author(r)}</>}
								{r.version > 1 && (
									<>
										{' · '}
										{t('record.version', { n: r.version })}, <When at={r.updatedAt} />
									</>
								)}
							</span>
							{r.deletedAt && <span class="badge critical">{t('record.removed')}</span>}
						</div>
					)
				}
			>
				{r && <Acts record={r} reload={q.retry} />}
			</Head>
			<nav class="tabs" aria-label={t('record.one')}>
				{tab(`/registros/${id}`, t('record.text'), !versions)}
				{tab(`/registros/${id}/versoes`, r && r.version > 1 ? `${t('version.title')} (${r.version})` : t('version.title'), versions)}
			</nav>
			{r?.masked?.length ? (
				<Note icon="eyeOff">
					<strong>{t('mask.title')}</strong>
					<span>{t('mask.reason')}</span>
				</Note>
			) : null}
			<Loaded query={q}>{(loaded) => (versions ? <Versions record={loaded} /> : <Text record={loaded} />)}</Loaded>
		</>
	);
}
