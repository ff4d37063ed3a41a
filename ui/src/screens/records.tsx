/* records.tsx - all records within one's reach, searched and filtered. */
import { useEffect, useState } from 'preact/hooks';
import { call } from '../api/client';
import { usePages } from '../api/query';
import { Check, Input, Select } from '../components/form';
import { RecordLine } from '../components/lines';
import { Head } from '../components/parts';
import { Empty, ProblemNote, Skeleton } from '../components/state';
import { VirtualList } from '../components/virtual';
import { count, t, tcode } from '../i18n';
import { dateMask } from '../lib/brazil';
import { dayEnd, dayStart, parseDate } from '../lib/format';
import { keep, kept } from '../router';
import { me } from '../session';

interface Filter {
	q: string;
	priority: string;
	from: string;
	to: string;
	mine: boolean;
	deleted: boolean;
}
const none: Filter = { q: '', priority: '', from: '', to: '', mine: false, deleted: false };

export function RecordSearch(_: { params: Record<string, string> }) {
	const [f, setF] = useState<Filter>(kept<Filter>('filter') ?? none);
	const [asked, setAsked] = useState(f);
	useEffect(() => {
		const timer = setTimeout(() => {
			setAsked(f);
			keep({ filter: f });
		}, 180);
		return () => clearTimeout(timer);
	}, [f]);
	const role = me.value?.role;
	const put = (k: keyof Filter) => (v: string | boolean) => setF({ ...f, [k]: v });
	const from = parseDate(asked.from);
	const to = parseDate(asked.to);
	const query = {
		q: asked.q.trim() || undefined,
		priority: asked.priority || undefined,
		from: from ? dayStart(from) : undefined,
		to: to ? dayEnd(to) : undefined,
		doctorId: asked.mine ? me.value?.id : undefined,
		deleted: asked.deleted || undefined,
	};
	const pages = usePages(`records ${me.value?.id} ${JSON.stringify(query)}`, (cursor, signal) => call('get', '/api/medical-records', { query: { ...query, names: true, limit: 50, cursor } as never, signal }));
	const badDate = (v: string) => (v && v.length === 10 && !parseDate(v) ? t('invalid.date') : undefined);
	return (
		<>
			<Head title={role === 'PATIENT' ? t('nav.myRecords') : t('nav.records')} />
			<search class="card">
				<div class="form">
					{role !== 'ADMIN' && <Input class="w6" name="q" type="search" label={t('record.search')} hint={t('record.search.hint')} value={f.q} onValue={put('q')} autoComplete="off" />}
					<Select class={role === 'ADMIN' ? 'w4' : 'w6'} name="priority" label={t('record.priority')} value={f.priority} onValue={put('priority')} empty={t('form.any')} choices={['CRITICAL', 'HIGH', 'NORMAL', 'LOW'].map((p) => ({ value: p, label: tcode('priority', p) }))} />
					<Input class="w3" name="from" label={t('form.from')} mask={dateMask} inputMode="numeric" placeholder={t('form.dateHint')} value={f.from} onValue={put('from')} error={badDate(f.from)} autoComplete="off" />
					<Input class="w3" name="to" label={t('form.to')} mask={dateMask} inputMode="numeric" placeholder={t('form.dateHint')} value={f.to} onValue={put('to')} error={badDate(f.to)} autoComplete="off" />
					{(role === 'DOCTOR' || role === 'NURSE') && <div class="w3 bottom"><Check name="mine" label={t('record.onlyMine')} value={f.mine} onValue={put('mine')} /></div>}
					{role === 'ADMIN' && <div class="w4 bottom"><Check name="deleted" label={t('record.onlyRemoved')} value={f.deleted} onValue={put('deleted')} /></div>}
				</div>
			</search>
			<p class="small quiet" role="status">
				{pages.loading && !pages.items.length ? t('state.loading') : pages.done ? count('record.count', pages.items.length) : t('record.countMore', { n: pages.items.length })}
			</p>
			{pages.problem && pages.problem.status !== 401 && <ProblemNote problem={pages.problem} retryAt={pages.retryAt} retry={pages.retry} />}
			{pages.done && pages.items.length === 0 ? (
				<Empty icon="search" title={t('record.notFound')} />
			) : (
				<div class="card flush">
					{pages.items.length === 0 && !pages.problem && (
						<div class="pad">
							<Skeleton lines={8} height="2.75rem" />
						</div>
					)}
					<VirtualList items={pages.items} row={4.25} keyOf={(r) => r.id} label={t('nav.records')} near={pages.more} render={(r) => <RecordLine of={r} whose={role !== 'PATIENT'} />} />
				</div>
			)}
		</>
	);
}
