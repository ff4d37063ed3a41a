/* protocol.tsx - the protocol as the program has it: every row with its source, searchable. */
import { useEffect, useState } from 'preact/hooks';
import { call } from '../../api/client';
import { useQuery } from '../../api/query';
import { Input } from '../../components/form';
import { Head, Note } from '../../components/parts';
import { Empty, Loaded } from '../../components/state';
import { count, lang, t } from '../../i18n';
import { date } from '../../lib/format';
import { keep, kept } from '../../router';
import { SourceText } from './result';

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
	/* a citation opens the protocol at its row */
	useEffect(() => {
		if (q.data && params.id) document.getElementById(params.id)?.scrollIntoView({ block: 'center' });
	}, [q.data, params.id]);
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
						<>
							<Note icon="book">
								<strong>{t('calc.version', { v: p.version })}</strong>
								<span>
									{t('protocol.valid')} {date(p.validFrom)} · {count('protocol.count', p.items.length)}
								</span>
								{p.reviewState === 'PENDING' && <span>{t('calc.pending')}</span>}
								<span class="small mono">SHA-256 {p.sha256}</span>
							</Note>
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
												<li key={i.id} id={i.id} class={params.id === i.id ? 'here' : ''}>
													<p>{lang.value === 'en' && i.textEn ? i.textEn : i.text}</p>
													<div class="small quiet">
														<SourceText of={i.source} />
													</div>
												</li>
											))}
									</ul>
								</section>
							))}
						</>
					);
				}}
			</Loaded>
		</>
	);
}
