/* shell.tsx - the frame round every screen: ways to go, the command palette, the person's menu. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { lang, setLang, t, tcode, type Key } from '../i18n';
import { dateTime, initials } from '../lib/format';
import { setTheme, theme, type Theme } from '../lib/theme';
import { place } from '../router';
import { can, leave, me, online } from '../session';
import { Icon, type IconName, Mark } from './icon';
import { Palette } from './palette';

export interface Way {
	to: string;
	key: Key;
	icon: IconName;
	/** Also in the phone's bar. */
	thumb?: boolean;
}
/** Where this person can go, in order. */
export function ways(): Way[] {
	const role = me.value?.role;
	const out: Way[] = [{ to: '/', key: 'nav.home', icon: 'home', thumb: true }];
	const add = (ok: boolean, w: Way) => {
		if (ok) out.push(w);
	};
	add(role === 'PATIENT', { to: '/registros', key: 'nav.myRecords', icon: 'chart', thumb: true });
	add(can('patients'), { to: '/pacientes', key: 'nav.patients', icon: 'people', thumb: true });
	add(can('records') && role !== 'PATIENT', { to: '/registros', key: 'nav.records', icon: 'chart', thumb: true });
	add(can('writeHansen'), { to: '/hanseniase/casos', key: 'nav.cases', icon: 'flag', thumb: true });
	add(can('writeHansen'), { to: '/hanseniase/calculadoras', key: 'nav.calculators', icon: 'calculator', thumb: true });
	add(can('assistant'), { to: '/hanseniase/assistente', key: 'nav.chat', icon: 'chat', thumb: role === 'PATIENT' });
	add(can('indicators') && !can('writeHansen'), { to: '/hanseniase/indicadores', key: 'indicator.title', icon: 'flag' });
	add(can('users'), { to: '/usuarios', key: 'nav.users', icon: 'users' });
	add(can('audit'), { to: '/auditoria', key: 'nav.audit', icon: 'shield', thumb: role !== 'ADMIN' });
	add(can('privacy'), { to: '/revisoes', key: 'nav.review', icon: 'scale', thumb: true });
	add(can('incidents'), { to: '/incidentes', key: 'nav.incidents', icon: 'alert' });
	add(can('readPrivacy'), { to: '/privacidade', key: 'nav.privacy', icon: 'lock', thumb: can('privacy') });
	add(can('tenants'), { to: '/instituicoes', key: 'nav.tenants', icon: 'building', thumb: true });
	add(true, { to: '/situacao', key: 'nav.status', icon: 'pulse', thumb: !can('writeHansen') });
	return out;
}

function isHere(to: string): boolean {
	const path = place.value.path;
	return to === '/' ? path === '/' : path === to || path.startsWith(to + '/');
}

const themeNames: Theme[] = ['auto', 'light', 'dark', 'contrast'];
function PersonMenu() {
	const who = me.value;
	const ref = useRef<HTMLDetailsElement>(null);
	useEffect(() => {
		const shut = (e: Event) => {
			const d = ref.current;
			if (!d?.open) return;
			if (e instanceof KeyboardEvent) {
				if (e.key !== 'Escape') return;
				d.open = false;
				d.querySelector('summary')?.focus();
			} else if (!d.contains(e.target as Node)) d.open = false;
		};
		document.addEventListener('click', shut);
		document.addEventListener('keydown', shut);
		return () => {
			document.removeEventListener('click', shut);
			document.removeEventListener('keydown', shut);
		};
	}, []);
	useEffect(() => {
		if (ref.current) ref.current.open = false;
	}, [place.value.visit]);
	if (!who) return null;
	return (
		<details class="menu" ref={ref}>
			<summary>
				<span class="avatar">{initials(who.name)}</span>
				<span class="sr">{t('menu.label', { name: who.name })}</span>
			</summary>
			<div class="sheet">
				<div>
					<strong>{who.name}</strong>
					<div class="small quiet">{who.email}</div>
					<span class="badge accent">{tcode('role', who.role)}</span>
				</div>
				<label class="field">
					<span class="label">{t('menu.theme')}</span>
					<select class="input" value={theme.value} onChange={(e) => setTheme(e.currentTarget.value as Theme)}>
						{themeNames.map((x) => (
							<option key={x} value={x}>
								{tcode('theme', x)}
							</option>
						))}
					</select>
				</label>
				<label class="field">
					<span class="label">{t('menu.language')}</span>
					<select class="input" value={lang.value} onChange={(e) => void setLang(e.currentTarget.value as 'pt' | 'en')}>
						<option value="pt">Português (Brasil)</option>
						<option value="en">English</option>
					</select>
				</label>
				<a class="btn" href="/conta">
					<Icon name="person" />
					{t('nav.account')}
				</a>
				<button type="button" class="btn" onClick={() => void leave()}>
					<Icon name="out" />
					{t('nav.logout')}
				</button>
			</div>
		</details>
	);
}

/** The foot of every printed sheet: the program with its version, who printed, and when. */
function MadeBy() {
	const ref = useRef<HTMLParagraphElement>(null);
	useEffect(() => {
		/* at once: the paper does not wait for a screen to be drawn anew */
		const on = () => {
			const who = me.value;
			if (ref.current && who) ref.current.textContent = t('print.made', { program: who.program, name: who.name, at: dateTime(new Date().toISOString()) });
		};
		window.addEventListener('beforeprint', on);
		return () => window.removeEventListener('beforeprint', on);
	}, []);
	return <p class="only-print made-by small" ref={ref} />;
}

export function Shell({ children }: { children: ComponentChildren }) {
	const [palette, setPalette] = useState(false);
	useEffect(() => {
		const on = (e: KeyboardEvent) => {
			if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'k') {
				e.preventDefault();
				setPalette((p) => !p);
			}
		};
		document.addEventListener('keydown', on);
		return () => document.removeEventListener('keydown', on);
	}, []);
	const all = ways();
	return (
		<div class="frame">
			<a class="skip" href="#main" onClick={(e) => {
				e.preventDefault();
				document.getElementById('main')?.focus();
			}}>
				{t('nav.skip')}
			</a>
			<aside class="rail" aria-label={t('nav.rail')}>
				<a class="brand" href="/">
					<Mark />
					<span>Plantão</span>
				</a>
				<nav aria-label={t('nav.main')}>
					<ul>
						{all.map((w) => (
							<li key={w.to}>
								<a href={w.to} aria-current={isHere(w.to) ? 'page' : undefined} title={t(w.key)}>
									<Icon name={w.icon} />
									<span>{t(w.key)}</span>
								</a>
							</li>
						))}
					</ul>
				</nav>
				<p class="foot">
					<span class="row">
						<span class="dot" aria-hidden="true" style={{ background: online.value ? '#8fe0d2' : '#ff9b93' }} />
						{online.value ? t('nav.connected') : t('nav.disconnected')}
					</span>
				</p>
			</aside>
			<header class="bar">
				<a class="brand" href="/" aria-label="Plantão">
					<Mark />
				</a>
				<button type="button" class="finder" onClick={() => setPalette(true)} aria-haspopup="dialog">
					<Icon name="search" />
					<span>{t('palette.open')}</span>
					<kbd aria-hidden="true">Ctrl K</kbd>
				</button>
				<div class="end">
					{!online.value && (
						<span class="badge high" role="status">
							<Icon name="wifiOff" />
							{t('nav.disconnected')}
						</span>
					)}
					<PersonMenu />
				</div>
			</header>
			{children}
			<MadeBy />
			<nav class="tabbar" aria-label={t('nav.phone')}>
				{all.filter((w) => w.thumb).slice(0, 4).map((w) => (
					<a key={w.to} href={w.to} aria-current={isHere(w.to) ? 'page' : undefined}>
						<Icon name={w.icon} />
						{tcode('thumb', w.key, t(w.key))}
					</a>
				))}
				<button type="button" onClick={() => setPalette(true)} aria-haspopup="dialog">
					<Icon name="gear" />
					{t('nav.more')}
				</button>
			</nav>
			{palette && <Palette onClose={() => setPalette(false)} />}
		</div>
	);
}
