/* patients.tsx - the list of patients: search as one types, any number of rows. */
import { useEffect, useState } from 'preact/hooks';
import { call } from '../api/client';
import { usePages } from '../api/query';
import { Locate } from '../components/locate';
import { Input } from '../components/form';
import { Icon } from '../components/icon';
import { PatientLine } from '../components/lines';
import { Head } from '../components/parts';
import { Empty, ProblemNote, Skeleton } from '../components/state';
import { VirtualList } from '../components/virtual';
import { count, t } from '../i18n';
import { keep, kept } from '../router';
import { can, me } from '../session';

export function PatientList(_: { params: Record<string, string> }) {
	const [text, setText] = useState(kept<string>('q') ?? '');
	const [asked, setAsked] = useState(text.trim());
	useEffect(() => {
		const timer = setTimeout(() => {
			setAsked(text.trim());
			keep({ q: text.trim() });
		}, 110);
		return () => clearTimeout(timer);
	}, [text]);
	const pages = usePages(`patients ${me.value?.id} ${asked}`, (cursor, signal) =>
		call('get', '/api/patients', { query: { q: asked || undefined, limit: 100, cursor }, signal }),
	);
	const nothing = pages.done && pages.items.length === 0;
	return (
		<>
			<Head title={can('write') ? t('home.mine') : t('nav.patients')} lead={can('write') ? t('patient.list.care') : undefined}>
				{can('writePatients') && (
					<a class="btn main" href="/pacientes/novo">
						<Icon name="plus" />
						{t('patient.new')}
					</a>
				)}
			</Head>
			<search class="stack tight">
				<div class="with-icon search">
					<Icon name="search" />
					<Input name="q" type="search" label={t('patient.search')} hint={t('patient.search.hint')} value={text} onValue={setText} autoComplete="off" />
				</div>
				<p class="small quiet" role="status">
					{pages.loading && !pages.items.length ? t('state.loading') : pages.done ? count('patient.count', pages.items.length) : t('patient.countMore', { n: pages.items.length })}
				</p>
			</search>
			{pages.problem && pages.problem.status !== 401 && <ProblemNote problem={pages.problem} retryAt={pages.retryAt} retry={pages.retry} />}
			{nothing ? (
				<Empty icon="people" title={asked ? t('patient.notFound', { q: asked }) : t('patient.none')}>
					{asked && can('write') && (
						<>
							<p>{t('patient.notFound.care')}</p>
							<Locate text={asked} />
						</>
					)}
				</Empty>
			) : (
				<div class="card flush">
					{pages.items.length === 0 && !pages.problem && (
						<div class="pad">
							<Skeleton lines={8} height="2.75rem" />
						</div>
					)}
					<VirtualList items={pages.items} row={4} keyOf={(p) => p.id} label={t('nav.patients')} near={pages.more} render={(p) => <PatientLine of={p} />} />
				</div>
			)}
		</>
	);
}
