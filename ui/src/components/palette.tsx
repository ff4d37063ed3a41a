/* palette.tsx - Ctrl+K: go anywhere, find a patient, do the frequent things, all from the keyboard. */
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { call } from '../api/client';
import { useQuery } from '../api/query';
import { lang, setLang, t, tcode } from '../i18n';
import { cpfShow } from '../lib/brazil';
import { date, fold } from '../lib/format';
import { setTheme, type Theme } from '../lib/theme';
import { go } from '../router';
import { can, leave, me } from '../session';
import { Icon, type IconName } from './icon';
import { Dialog } from './parts';
import { ways } from './shell';

interface Command {
	id: string;
	label: string;
	aside?: string;
	icon: IconName;
	run: () => void;
}

function commands(): Command[] {
	const out: Command[] = ways().map((w) => ({ id: w.to, label: t(w.key), icon: w.icon, run: () => go(w.to) }));
	if (can('writePatients')) out.push({ id: 'new', label: t('patient.new'), icon: 'plus', run: () => go('/pacientes/novo') });
	if (can('users')) out.push({ id: 'user', label: t('user.new'), icon: 'plus', run: () => go('/usuarios/novo') });
	out.push({ id: 'account', label: t('nav.account'), icon: 'person', run: () => go('/conta') });
	for (const th of ['auto', 'light', 'dark', 'contrast'] as Theme[])
		out.push({ id: 'theme' + th, label: `${t('menu.theme')}: ${tcode('theme', th)}`, icon: 'sun', run: () => setTheme(th) });
	out.push(
		lang.value === 'pt'
			? { id: 'en', label: 'English', icon: 'chat', run: () => void setLang('en') }
			: { id: 'pt', label: 'Português', icon: 'chat', run: () => void setLang('pt') },
	);
	out.push({ id: 'out', label: t('nav.logout'), icon: 'out', run: () => void leave() });
	return out;
}

export function Palette({ onClose }: { onClose: () => void }) {
	const [text, setText] = useState('');
	const [asked, setAsked] = useState('');
	const [at, setAt] = useState(0);
	const id = useId();
	const list = useRef<HTMLDivElement>(null);

	useEffect(() => {
		const timer = setTimeout(() => setAsked(text.trim()), 120);
		return () => clearTimeout(timer);
	}, [text]);
	const find = can('patients') && asked.length >= 2;
	const people = useQuery(find ? `palette ${me.value?.id} ${asked}` : null, (signal) => call('get', '/api/patients', { query: { q: asked, limit: 8 }, signal }));

	const options = useMemo(() => {
		const wanted = fold(text.trim());
		const found: Command[] = (find ? (people.data?.items ?? []) : []).map((p) => ({
			id: p.id,
			label: p.name ?? t('mask.hidden'),
			aside: [date(p.birthDate), cpfShow(p.cpf)].filter(Boolean).join(' · '),
			icon: 'person',
			run: () => go(`/pacientes/${p.id}`),
		}));
		return [...found, ...commands().filter((c) => !wanted || fold(c.label).includes(wanted))];
	}, [text, people.data, find, lang.value]);

	useEffect(() => setAt(0), [options.length, text]);
	useEffect(() => list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }), [at]);

	function choose(c: Command | undefined): void {
		if (!c) return;
		onClose();
		/* after the sheet has given the focus back, so that the new screen may take it */
		setTimeout(c.run, 0);
	}
	function keys(e: KeyboardEvent): void {
		if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
			e.preventDefault();
			const n = options.length || 1;
			setAt((i) => (i + (e.key === 'ArrowDown' ? 1 : n - 1)) % n);
		} else if (e.key === 'Enter') {
			e.preventDefault();
			choose(options[at]);
		}
	}
	return (
		<Dialog open onClose={onClose} label={t('palette.open')} class="palette">
			<div class="inside">
				<div class="with-icon">
					<Icon name="search" />
					<input
						class="input"
						type="text"
						role="combobox"
						autoFocus
						autocomplete="off"
						spellcheck={false}
						aria-label={t('palette.open')}
						aria-expanded="true"
						aria-controls={id}
						aria-activedescendant={options[at] ? `${id}-${at}` : undefined}
						placeholder={can('patients') ? t('palette.hint') : t('palette.hint.plain')}
						value={text}
						onInput={(e) => setText(e.currentTarget.value)}
						onKeyDown={keys}
					/>
				</div>
				<div role="listbox" id={id} aria-label={t('palette.results')} ref={list} tabIndex={-1}>
					{options.map((c, i) => (
						<div key={c.id} id={`${id}-${i}`} role="option" aria-selected={i === at} onMouseMove={() => setAt(i)} onClick={() => choose(c)}>
							<Icon name={c.icon} />
							<span>{c.label}</span>
							{c.aside && <span class="aside num">{c.aside}</span>}
						</div>
					))}
					{options.length === 0 && (
						<div role="option" aria-selected="false" aria-disabled="true">
							{people.loading ? t('state.loading') : t('palette.none')}
						</div>
					)}
				</div>
			</div>
		</Dialog>
	);
}
