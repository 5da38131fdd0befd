export type Theme = 'dark' | 'light';

const KEY = 'nii-theme';

/** Dark for the reading room unless light was chosen in this browser. */
export function storedTheme(): Theme {
  return window.localStorage.getItem(KEY) === 'light' ? 'light' : 'dark';
}

export function showTheme(theme: Theme): void {
  window.localStorage.setItem(KEY, theme);
  document.documentElement.dataset.theme = theme;
}
