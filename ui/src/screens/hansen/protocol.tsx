/* protocol.tsx - the protocol as the program has it: every row with its source, searchable. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { call } from '../../api/client';
import { useQuery } from '../../api/query';
import { Input } from '../../components/form';
import { Head, Note } from '../../components/parts';
import { Empty, Loaded } from '../../components/state';
import { count, lang, t } from '../../i18n';
import { citedRows, type Place } from '../../lib/cite';
import { date } from '../../lib/format';
import { keep, kept, place } from '../../router';
import { SourceText } from './result';
import '../../styles/hansen.css';

export function Protocol({ params }: { params: Record<string, string> }) {
	const [text, setText] = useState(kept<string>('q') ?? '');
	const [asked, setAsked] = useState(text.trim());
	useEffect(() => {
		const timer = setTimeout(() => {
			setAsked(text.trim());
			keep({ q: text.trim() });
		}, 200);
		return () => clearTimeout(timer);
	}, [text]);
	const q = useQuery(`protocol ${lang.value} ${asked}`, (signal) => call('get', '/api/hansen/protocols', { query: { q: asked || undefined }, signal }));
	/* a citation opens the protocol at its row, or at the rows of its place in the document */
	const cited = place.value.state.cited as Place | undefined;
	const meant = useMemo(() => {
		const all = q.data?.items ?? [];
		return new Set((params.id ? all.filter((i) => i.id === params.id) : cited ? citedRows(cited, all) : []).map((i) => i.id));
	}, [q.data, params.id, cited]);
	const list = useRef<HTMLDivElement>(null);
	useEffect(() => {
		list.current?.querySelector('.here')?.scrollIntoView({ block: 'center' });
	}, [meant]);
	return (
		<>
			<Head title={t('nav.protocol')} crumbs={[{ label: t('nav.calculators'), to: '/hanseniase/calculadoras' }, { label: t('nav.protocol') }]} />
			<search>
				<Input name="q" type="search" label={t('protocol.search')} value={text} onValue={setText} autoComplete="off" />
			</search>
			<Loaded query={q}>
				{(p) => {
					const topics = [...new Set(p.items.map((i) => i.topicTitle))];
					return (
						<div class="stack" ref={list}>
							<Note icon="book">
								<strong>{t('calc.version', { v: p.version })}</strong>
								<span>
									{t('protocol.valid')} {date(p.validFrom)} · {count('protocol.count', p.items.length)}
								</span>
								{p.reviewState === 'PENDING' && <span>{t('calc.pending')}</span>}
								<span class="small mono">SHA-256 {p.sha256}</span>
							</Note>
							{cited && (
								<Note icon="chat" tone={meant.size ? '' : 'high'} role="status">
									<strong>{t('protocol.cited')}</strong>
									<span>{[cited.document, cited.section, cited.page && `p. ${cited.page}`].filter(Boolean).join(', ')}</span>
									<span>{meant.size ? count('protocol.marked', meant.size) : t('protocol.notHere')}</span>
								</Note>
							)}
							{p.items.length === 0 && <Empty icon="book" title={t('protocol.none')} />}
							{topics.map((topic) => (
								<section key={topic} class="card flush">
									<header>
										<h2>{topic}</h2>
									</header>
									<ul class="rows">
										{p.items
											.filter((i) => i.topicTitle === topic)
											.map((i) => (
												<li key={i.id} id={i.id} class={meant.has(i.id) ? 'here' : ''}>
													<p>{lang.value === 'en' && i.textEn ? i.textEn : i.text}</p>
													<div class="small quiet">
														<SourceText of={i.source} />
													</div>
												</li>
											))}
									</ul>
								</section>
							))}
						</div>
					);
				}}
			</Loaded>
		</>
	);
}
