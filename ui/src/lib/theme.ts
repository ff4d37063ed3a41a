/* theme.ts - light, dark or high contrast: the reader's choice, else the system's. */
import { signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark' | 'contrast';
const themes: Theme[] = ['auto', 'light', 'dark', 'contrast'];
export const theme = signal<Theme>('auto');

function resolved(): string {
	if (theme.value !== 'auto') return theme.value;
	if (matchMedia('(prefers-contrast: more)').matches) return 'contrast';
	return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}
function apply(): void {
	document.documentElement.dataset.theme = resolved();
}
export function setTheme(to: Theme): void {
	theme.value = to;
	apply();
	try {
		localStorage.setItem('theme', to);
	} catch {
		/* lasts as long as the page */
	}
}
export function startTheme(): void {
	try {
		const kept = localStorage.getItem('theme') as Theme;
		if (themes.includes(kept)) theme.value = kept;
	} catch {
		/* the system's choice stands */
	}
	apply();
	for (const q of ['(prefers-color-scheme: dark)', '(prefers-contrast: more)']) matchMedia(q).addEventListener('change', apply);
}
