/* parts.tsx - dialog, masked value, badges, toasts, page head: what screens are put together from. */
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t, tcode } from '../i18n';
import { dateTime, relative } from '../lib/format';
import { Icon, type IconName } from './icon';

/** Title of the page and of its tab; takes the focus on arrival so that the reader's place is known. */
export function Head({ title, crumbs, lead, tab, children }: { title: ComponentChildren; tab?: string; crumbs?: { label: string; to?: string }[]; lead?: ComponentChildren; children?: ComponentChildren }) {
	const name = tab ?? (typeof title === 'string' ? title : '');
	useEffect(() => {
		if (name) document.title = `${name} · Plantão`;
	}, [name]);
	return (
		<div class="head">
			<div class="lead">
				{crumbs && (
					<nav class="crumbs no-print" aria-label={t('nav.crumbs')}>
						{crumbs.map((c, i) => (
							<>
								{i > 0 && <span aria-hidden="true">/</span>}
								{c.to ? <a href={c.to}>{c.label}</a> : <span>{c.label}</span>}
							</>
						))}
					</nav>
				)}
				<h1 tabIndex={-1}>{title}</h1>
				{lead && <div class="quiet">{lead}</div>}
			</div>
			{children && <div class="row no-print">{children}</div>}
		</div>
	);
}

export function Card({ title, action, flush, children, class: cls = '' }: { title?: ComponentChildren; action?: ComponentChildren; flush?: boolean; children: ComponentChildren; class?: string }) {
	return (
		<section class={`card ${flush ? 'flush' : ''} ${cls}`}>
			{title && (
				<header>
					<h2>{title}</h2>
					{action}
				</header>
			)}
			{children}
		</section>
	);
}

/** A hidden value, shown as hidden: the eye sees a shape, the ear hears why. */
export function Masked({ reason }: { reason?: string }) {
	return (
		<span class="masked" title={reason ?? t('mask.reason')}>
			<Icon name="eyeOff" />
			{t('mask.hidden')}
			<span class="sr">: {reason ?? t('mask.reason')}</span>
		</span>
	);
}
/** The value, or its mask when the server named the field in masked and sent nothing. */
export function Shown({ of, name, children }: { of: { masked?: string[] | null }; name: string; children?: ComponentChildren }) {
	const hidden = of.masked?.includes(name);
	if (children !== null && children !== undefined && children !== '')
		return hidden ? (
			<span class="masked" title={t('mask.part')}>
				<Icon name="eyeOff" />
				{children}
				<span class="sr"> {t('mask.part')}</span>
			</span>
		) : (
			<>{children}</>
		);
	return hidden ? <Masked /> : <span class="quiet">{t('form.none')}</span>;
}

export function Priority({ of }: { of: string }) {
	const tone: Record<string, string> = { CRITICAL: 'critical', HIGH: 'high', NORMAL: '', LOW: 'calm' };
	return (
		<span class={`badge ${tone[of] ?? ''}`}>
			<span class={`dot ${of}`} aria-hidden="true" />
			{tcode('priority', of)}
		</span>
	);
}

export function When({ at }: { at: string | null | undefined }) {
	if (!at) return <>–</>;
	return (
		<time dateTime={at} title={relative(at)} class="num nowrap">
			{dateTime(at)}
		</time>
	);
}

/** A modal sheet: the browser keeps the focus inside, Escape closes, focus returns. */
export function Dialog({ open, onClose, label, children, class: cls = '', fixed }: { open: boolean; onClose: () => void; label: string; children: ComponentChildren; class?: string; fixed?: boolean }) {
	const ref = useRef<HTMLDialogElement>(null);
	useEffect(() => {
		const d = ref.current;
		if (!d) return;
		if (open && !d.open) {
			const before = document.activeElement as HTMLElement | null;
			d.showModal();
			return () => {
				d.close();
				if (before?.isConnected) before.focus();
			};
		}
		return undefined;
	}, [open]);
	if (!open) return null;
	return (
		<dialog
			ref={ref}
			class={cls}
			aria-label={label}
			onCancel={(e) => {
				e.preventDefault();
				if (!fixed) onClose();
			}}
			onClick={(e) => {
				if (!fixed && e.target === ref.current) onClose();
			}}
		>
			{children}
		</dialog>
	);
}

interface Toast {
	id: number;
	tone: 'good' | 'high' | 'critical';
	text: string;
}
const toasts = signal<Toast[]>([]);
let next = 1;
/** A short word that something is done; also read aloud. */
export function toast(text: string, tone: Toast['tone'] = 'good'): void {
	const id = next++;
	toasts.value = [...toasts.value.slice(-2), { id, tone, text }];
	setTimeout(() => {
		toasts.value = toasts.value.filter((x) => x.id !== id);
	}, 6000);
}
export function Toasts() {
	return (
		<div class="toasts no-print" role="status" aria-live="polite">
			{toasts.value.map((x) => (
				<div key={x.id} class={`note ${x.tone} enter`}>
					<Icon name={x.tone === 'good' ? 'check' : 'alert'} />
					<div>{x.text}</div>
				</div>
			))}
		</div>
	);
}

export function Note({ tone = '', icon = 'info', children, role }: { tone?: string; icon?: IconName; children: ComponentChildren; role?: 'status' | 'alert' }) {
	return (
		<div class={`note ${tone}`} role={role}>
			<Icon name={icon} />
			<div>{children}</div>
		</div>
	);
}

